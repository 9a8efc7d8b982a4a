// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.price.PriceKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.PerformanceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.ServiceTier;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/** What a request says about its call. One place for all request types. */
public final class RequestFacts {
  private RequestFacts() {}

  private static final Set<String> TIERS_IN_BODIES = Set.of("flex", "priority", "reserved");

  /** What guardrail calls are priced as; they name no model. */
  private static final String GUARDRAILS = "guardrails";

  /** The model the request names; null where it names none and the SDK will refuse it. */
  public static @Nullable String modelId(Operation operation, BedrockRuntimeRequest request) {
    return switch (operation) {
      case CONVERSE -> ((ConverseRequest) request).modelId();
      case CONVERSE_STREAM -> ((ConverseStreamRequest) request).modelId();
      case INVOKE_MODEL -> ((InvokeModelRequest) request).modelId();
      case INVOKE_MODEL_WITH_RESPONSE_STREAM ->
          ((InvokeModelWithResponseStreamRequest) request).modelId();
      case INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM ->
          ((InvokeModelWithBidirectionalStreamRequest) request).modelId();
      case START_ASYNC_INVOKE -> ((StartAsyncInvokeRequest) request).modelId();
      case COUNT_TOKENS -> ((CountTokensRequest) request).modelId();
      case APPLY_GUARDRAIL, INVOKE_GUARDRAIL_CHECKS -> GUARDRAILS;
      default -> null;
    };
  }

  /** The model that a request of whatever type names; empty where it names none. */
  public static String modelId(BedrockRuntimeRequest request) {
    return request.getValueForField("modelId", String.class).orElse("");
  }

  /** A builder with the request's own settings, to which more can be added. */
  public static AwsRequestOverrideConfiguration.Builder settings(BedrockRuntimeRequest request) {
    return request
        .overrideConfiguration()
        .map(AwsRequestOverrideConfiguration::toBuilder)
        .orElseGet(AwsRequestOverrideConfiguration::builder);
  }

  /** The same request to another model. */
  public static BedrockRuntimeRequest withModelId(
      Operation operation, BedrockRuntimeRequest request, String modelId) {
    return switch (operation) {
      case CONVERSE -> ((ConverseRequest) request).toBuilder().modelId(modelId).build();
      case CONVERSE_STREAM ->
          ((ConverseStreamRequest) request).toBuilder().modelId(modelId).build();
      case INVOKE_MODEL -> ((InvokeModelRequest) request).toBuilder().modelId(modelId).build();
      case INVOKE_MODEL_WITH_RESPONSE_STREAM ->
          ((InvokeModelWithResponseStreamRequest) request).toBuilder().modelId(modelId).build();
      case INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM ->
          ((InvokeModelWithBidirectionalStreamRequest) request)
              .toBuilder().modelId(modelId).build();
      case START_ASYNC_INVOKE ->
          ((StartAsyncInvokeRequest) request).toBuilder().modelId(modelId).build();
      case COUNT_TOKENS -> ((CountTokensRequest) request).toBuilder().modelId(modelId).build();
      default -> request;
    };
  }

  /** The operation a request of this type is for; null for types that are not quoted. */
  public static @Nullable Operation operationOf(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest) {
      return Operation.CONVERSE;
    }
    if (request instanceof ConverseStreamRequest) {
      return Operation.CONVERSE_STREAM;
    }
    if (request instanceof InvokeModelRequest) {
      return Operation.INVOKE_MODEL;
    }
    if (request instanceof InvokeModelWithResponseStreamRequest) {
      return Operation.INVOKE_MODEL_WITH_RESPONSE_STREAM;
    }
    return request instanceof StartAsyncInvokeRequest ? Operation.START_ASYNC_INVOKE : null;
  }

  /** Whether the request's prompt is in a body of the provider's own form. */
  static boolean hasBody(BedrockRuntimeRequest request) {
    return request instanceof InvokeModelRequest
        || request instanceof InvokeModelWithResponseStreamRequest;
  }

  /** The body of an InvokeModel request or its stream; null if it has none. */
  static @Nullable SdkBytes body(BedrockRuntimeRequest request) {
    if (request instanceof InvokeModelRequest invoke) {
      return invoke.body();
    }
    return request instanceof InvokeModelWithResponseStreamRequest invoke ? invoke.body() : null;
  }

  /** Whether the request names a guardrail, whose units are charged beside the model's tokens. */
  static boolean hasGuardrail(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return converse.guardrailConfig() != null;
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse.guardrailConfig() != null;
    }
    if (request instanceof InvokeModelRequest invoke) {
      return invoke.guardrailIdentifier() != null;
    }
    return request instanceof InvokeModelWithResponseStreamRequest invoke
        && invoke.guardrailIdentifier() != null;
  }

  /** The price tier the request asks for. */
  static String tier(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return tier(converse.performanceConfig(), converse.serviceTier());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return tier(converse.performanceConfig(), converse.serviceTier());
    }
    if (request instanceof InvokeModelRequest invoke) {
      return tier(invoke.performanceConfigLatencyAsString(), invoke.serviceTierAsString());
    }
    if (request instanceof InvokeModelWithResponseStreamRequest invoke) {
      return tier(invoke.performanceConfigLatencyAsString(), invoke.serviceTierAsString());
    }
    return PriceKey.STANDARD;
  }

  /** A tier that a body names, in the words of {@link PriceKey}; other words set no price. */
  static String tierIn(@Nullable String named) {
    return named != null && TIERS_IN_BODIES.contains(named) ? named : PriceKey.STANDARD;
  }

  private static String tier(
      @Nullable PerformanceConfiguration performance, @Nullable ServiceTier tier) {
    return tier(
        performance == null ? null : performance.latencyAsString(),
        tier == null ? null : tier.typeAsString());
  }

  private static String tier(@Nullable String latency, @Nullable String serviceTier) {
    if ("optimized".equals(latency)) {
      return PriceKey.LATENCY;
    }
    return serviceTier == null || serviceTier.equals("default") ? PriceKey.STANDARD : serviceTier;
  }
}
