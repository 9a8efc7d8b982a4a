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
 * first needed. Confined to one thread at a time.
 */
public class Asked {
  private final Operation operation;
  private final BedrockRuntimeRequest request;
  private final String requestedModel;
  private final @Nullable String region;
  private final Tags tags;

  private Asked(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region,
      Tags tags) {
    this.operation = operation;
    this.request = request;
    this.requestedModel = requestedModel;
    this.region = region;
    this.tags = tags;
  }

  /**
   * One call as it is asked for.
   *
   * @param request names the model that is called, whatever the caller named
   * @param requestedModel the model as the caller named it
   * @param region the region of the client; null where the client does not say
   * @param tags who the call is for
   */
  public static Asked of(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region,
      Tags tags) {
    return RequestFacts.hasBody(request) || operation == Operation.START_ASYNC_INVOKE
        ? new WithBody(operation, request, requestedModel, region, tags)
        : new Asked(operation, request, requestedModel, region, tags);
  }

  /**
   * A request by itself, without region and tags.
   *
   * @throws IllegalArgumentException if the request names no model or cannot be estimated
   */
  public static Asked of(BedrockRuntimeRequest request) {
    Operation operation = RequestFacts.operationOf(request);
    String model = operation == null ? null : RequestFacts.modelId(operation, request);
    if (operation == null || model == null || model.isEmpty()) {
      throw new IllegalArgumentException(
          "a request of Converse, InvokeModel, their streams or StartAsyncInvoke must name a modelId: "
              + request.getClass().getSimpleName());
    }
    return of(operation, request, model, null, Tags.none());
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
    String named = RequestFacts.modelId(operation, request);
    return named == null ? requestedModel : named;
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

  /** The same call with the request that is sent in its place. */
  public Asked withRequest(BedrockRuntimeRequest other) {
    return of(operation, other, requestedModel, region, tags);
  }

  /** The same call of another model. */
  public Asked withModel(String other) {
    return of(
        operation,
        RequestFacts.withModelId(operation, request, other),
        requestedModel,
        region,
        tags);
  }

  /**
   * The same call with another limit on its output; null where it cannot be set: the body's field
   * is not known, or the model is to think for longer than that.
   */
  public @Nullable Asked withOutputLimit(long maxTokens) {
    BedrockRuntimeRequest smaller = OutputLimit.set(request, maxTokens);
    return smaller == null ? null : of(operation, smaller, requestedModel, region, tags);
  }

  /** What the request allows for one answer; null if it sets no limit. */
  public @Nullable Long outputLimit() {
    return OutputLimit.of(request);
  }

  /**
   * The upper bound of a request to a model that counts tokens.
   *
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own
   */
  public Usage bound(long maxOutputTokens) {
    return Bounds.of(request, maxOutputTokens);
  }

  /** The highest-priced cache meter the input may be counted in; null if nothing is written. */
  public final @Nullable Meter cacheWrite() {
    Meter asked = cachePoint();
    return asked == null && CachePoints.cachesUnasked(modelId()) ? Meter.CACHE_WRITE_30M : asked;
  }

  /** The cache meter that the request itself asks for. */
  @Nullable Meter cachePoint() {
    return CachePoints.highest(request);
  }

  /** The meters that are no tokens, as far as the request alone says. */
  public Reading units() {
    return Reading.NOTHING;
  }

  /** A request that says what it wants in a body of the provider's own form. */
  private static final class WithBody extends Asked {
    private InvokeBody.@Nullable Scan scan;

    WithBody(
        Operation operation,
        BedrockRuntimeRequest request,
        String requestedModel,
        @Nullable String region,
        Tags tags) {
      super(operation, request, requestedModel, region, tags);
    }

    @Override
    public @Nullable Long outputLimit() {
      long limit = scan().maxOutputTokens();
      return limit < 0 ? null : limit;
    }

    @Override
    public Usage bound(long maxOutputTokens) {
      return Bounds.of(scan(), maxOutputTokens);
    }

    @Override
    @Nullable Meter cachePoint() {
      return scan().cacheWrite();
    }

    @Override
    public Reading units() {
      return scan().units();
    }

    private InvokeBody.Scan scan() {
      InvokeBody.Scan known = scan;
      if (known == null) {
        known = scanned();
        scan = known;
      }
      return known;
    }

    private InvokeBody.Scan scanned() {
      if (request() instanceof StartAsyncInvokeRequest job) {
        return InvokeBody.Scan.ofUnits(Readers.startAsyncInvoke(job));
      }
      SdkBytes body = RequestFacts.body(request());
      RequestUnits units =
          request() instanceof InvokeModelRequest ? RequestUnits.of(modelId()) : null;
      return body == null ? InvokeBody.Scan.EMPTY : InvokeBody.scan(body, units);
    }
  }
}
