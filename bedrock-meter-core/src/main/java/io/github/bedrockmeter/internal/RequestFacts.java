// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.price.PriceKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.PerformanceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.ServiceTier;

/** What a request says about its call. One place for the four request types. */
final class RequestFacts {
  private RequestFacts() {}

  /** The model the request names; null where it names none and the SDK will refuse it. */
  static @Nullable String modelId(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return converse.modelId();
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse.modelId();
    }
    if (request instanceof InvokeModelRequest invoke) {
      return invoke.modelId();
    }
    return request instanceof InvokeModelWithResponseStreamRequest invoke ? invoke.modelId() : null;
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

  /** The request's own tags: those attached to it over those in Converse's metadata. */
  static Tags tags(BedrockRuntimeRequest request) {
    Tags attached = request.overrideConfiguration().map(TagScope::attachedTo).orElse(Tags.none());
    if (request instanceof ConverseRequest converse && converse.hasRequestMetadata()) {
      return attached.over(metadata(converse.requestMetadata()));
    }
    if (request instanceof ConverseStreamRequest converse && converse.hasRequestMetadata()) {
      return attached.over(metadata(converse.requestMetadata()));
    }
    return attached;
  }

  private static Tags metadata(Map<String, String> metadata) {
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      if (entry.getKey() == null || entry.getKey().isBlank() || entry.getValue() == null) {
        return Tags.none();
      }
    }
    return Tags.of(metadata);
  }
}
