// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.RequestUnits;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/**
 * What is asked of Bedrock by one call, worked out once and handed on: the operation, the request,
 * its model, and what estimating needs. Immutable to its callers; a body is scanned when it is
 * needed first. Confined to one thread at a time.
 */
public final class Asked {
  private final Operation operation;
  private final BedrockRuntimeRequest request;
  private final String requestedModel;
  private final String modelId;
  private final @Nullable String region;
  private final Tags tags;
  private InvokeBody.@Nullable Scan scan;
  private @Nullable Reading job;

  /**
   * One call as it is asked for.
   *
   * @param request names {@code modelId}, whatever the caller named
   * @param requestedModel the model as the caller named it
   * @param modelId the model that is called
   * @param region the region of the client; null where the client does not say
   * @param tags who the call is for
   */
  public Asked(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      String modelId,
      @Nullable String region,
      Tags tags) {
    this.operation = operation;
    this.request = request;
    this.requestedModel = requestedModel;
    this.modelId = modelId;
    this.region = region;
    this.tags = tags;
  }

  /**
   * A request by itself, without region and tags.
   *
   * @throws IllegalArgumentException if the request names no model, or is of an operation that
   *     cannot be estimated
   */
  public static Asked of(BedrockRuntimeRequest request) {
    Operation operation = RequestFacts.operationOf(request);
    String model = operation == null ? null : RequestFacts.modelId(operation, request);
    if (operation == null || model == null || model.isEmpty()) {
      throw new IllegalArgumentException(
          "a request must be of Converse, InvokeModel, their streams or StartAsyncInvoke, and name"
              + " a modelId; got "
              + request.getClass().getSimpleName());
    }
    return new Asked(operation, request, model, model, null, Tags.none());
  }

  /** The operation. */
  public Operation operation() {
    return operation;
  }

  /** The request, as it is to be sent apart from stamps. */
  public BedrockRuntimeRequest request() {
    return request;
  }

  /** The model as the caller named it. */
  public String requestedModel() {
    return requestedModel;
  }

  /** The model that is called. */
  public String modelId() {
    return modelId;
  }

  /** The region of the client; null where the client does not say. */
  public @Nullable String region() {
    return region;
  }

  /** Who the call is for. */
  public Tags tags() {
    return tags;
  }

  /** The price tier the request asks for. */
  public String tier() {
    return RequestFacts.tier(request);
  }

  /** Whether the request names a guardrail, whose units are charged beside the model's tokens. */
  public boolean hasGuardrail() {
    return RequestFacts.hasGuardrail(request);
  }

  /** The same call of another model. */
  public Asked withModel(String other) {
    return new Asked(
        operation,
        RequestFacts.withModelId(operation, request, other),
        requestedModel,
        other,
        region,
        tags);
  }

  /**
   * The same call with another limit on its output; null where it cannot be set: the body's field
   * is not known, or the model is to think for longer than that.
   */
  public @Nullable Asked withOutputLimit(long maxTokens) {
    BedrockRuntimeRequest smaller = OutputLimit.set(request, maxTokens);
    return smaller == null
        ? null
        : new Asked(operation, smaller, requestedModel, modelId, region, tags);
  }

  /** What the request allows for one answer; null if it sets no limit. */
  public @Nullable Long outputLimit() {
    if (!RequestFacts.hasBody(request)) {
      return OutputLimit.of(request);
    }
    long limit = scan().maxOutputTokens();
    return limit < 0 ? null : limit;
  }

  /**
   * The upper bound of a request to a model that counts tokens.
   *
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own
   */
  public Usage bound(long maxOutputTokens) {
    return RequestFacts.hasBody(request)
        ? Bounds.of(scan(), maxOutputTokens)
        : Bounds.of(request, maxOutputTokens);
  }

  /**
   * The highest-priced cache meter that the input may be counted in; null if the request writes
   * nothing to the cache.
   */
  public @Nullable Meter cacheWrite() {
    Meter asked =
        RequestFacts.hasBody(request) ? scan().cacheWrite() : CachePoints.highest(request);
    return asked == null && CachePoints.cachesUnasked(modelId) ? Meter.CACHE_WRITE_30M : asked;
  }

  /** The meters that are no tokens, as far as the request alone says. */
  public Reading units() {
    return switch (operation) {
      case INVOKE_MODEL -> scan().units();
      case START_ASYNC_INVOKE -> {
        Reading known = job;
        if (known == null) {
          known = Readers.startAsyncInvoke((StartAsyncInvokeRequest) request);
          job = known;
        }
        yield known;
      }
      default -> Reading.NOTHING;
    };
  }

  private @Nullable SdkBytes body() {
    return RequestFacts.body(request);
  }

  private InvokeBody.Scan scan() {
    InvokeBody.Scan known = scan;
    if (known == null) {
      SdkBytes body = body();
      RequestUnits units = request instanceof InvokeModelRequest ? RequestUnits.of(modelId) : null;
      known = body == null ? InvokeBody.Scan.EMPTY : InvokeBody.scan(body, units);
      scan = known;
    }
    return known;
  }
}
