// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.RequestUnits;
import io.github.bedrockmeter.price.PriceKey;
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

  /** The prompt's bound where the request is of texts only, as most are: there is no more to it. */
  private int plainInput = PlainTexts.UNREAD;

  private @Nullable Extent extent;

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

  /** The price tier the request asks for, in its own field or in a body. */
  public String tier() {
    String asked = RequestFacts.tier(request);
    if (!asked.equals(PriceKey.STANDARD) || isPlain()) {
      return asked;
    }
    try {
      return RequestFacts.tierIn(extent().tier);
    } catch (RuntimeException | StackOverflowError unreadable) { // its bound reports it
      return asked;
    }
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
   * The same call with another limit on its output, without another look at it; null where Bedrock
   * would refuse that: the body's field is not known, the model is to think for longer, the limit
   * is below its provider's least, or must be left out.
   */
  public @Nullable Asked withOutputLimit(long maxTokens) {
    return RequestFacts.hasBody(request) && extent().limitFrom < 0 ? null : limited(maxTokens);
  }

  /**
   * The same call with a limit on its output, which it has none of its own; null where Bedrock
   * would refuse that, or the body's field is not known.
   */
  public @Nullable Asked withFirstOutputLimit(long maxTokens) {
    return extent().limit >= 0 ? null : limited(maxTokens);
  }

  private @Nullable Asked limited(long maxTokens) {
    Extent known = extent();
    BedrockRuntimeRequest limited = OutputLimit.set(request, known, modelId(), maxTokens);
    if (limited == null) {
      return null;
    }
    Asked changed = of(operation, limited, requestedModel, region, tags);
    changed.plainInput = plainInput;
    changed.extent = known.withLimit(maxTokens);
    if (known.limit < 0 && RequestFacts.hasBody(limited)) {
      changed.extent = null; // the body has another field, which has a place of its own
    }
    return changed;
  }

  /** What the request allows for one answer; null if it sets no limit. */
  public @Nullable Long outputLimit() {
    long limit = limit();
    return limit < 0 ? null : limit;
  }

  /** Whether the request limits its output itself. */
  public boolean limitsOutput() {
    return limit() >= 0;
  }

  private long limit() {
    return isPlain() ? OutputLimit.of(request) : extent().limit;
  }

  private boolean isPlain() {
    if (plainInput == PlainTexts.UNREAD) {
      plainInput = PlainTexts.bound(request, modelId());
    }
    return plainInput >= 0;
  }

  /** How many answers of the limit's length the request may get. */
  public long samplings() {
    return isPlain() ? 1 : extent().samplings();
  }

  /** The images in the prompt, which a guardrail may look at. */
  public long images() {
    return isPlain() ? 0 : extent().images;
  }

  /**
   * The upper bound of a request to a model that counts tokens.
   *
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own
   */
  public Usage bound(long maxOutputTokens) {
    return bound(maxOutputTokens, false);
  }

  /**
   * The upper bound of a request to a model that counts tokens.
   *
   * @param maxOutputTokens the output tokens to hold where the request sets no limit of its own
   * @param isTheModels whether that is the model's own maximum
   */
  public Usage bound(long maxOutputTokens, boolean isTheModels) {
    return isPlain() && limitsOutput()
        ? PlainTexts.usage(plainInput, limit())
        : extent().bound(maxOutputTokens, isTheModels);
  }

  /** The highest-priced cache meter the input may be counted in; null if nothing is written. */
  public final @Nullable Meter cacheWrite() {
    Meter asked = cachePoint();
    return asked == null && CachePoints.cachesUnasked(modelId()) ? Meter.CACHE_WRITE_30M : asked;
  }

  /** The cache meter that the request itself asks for. */
  @Nullable Meter cachePoint() {
    return isPlain() ? null : extent().cacheWrite;
  }

  /** The meters that are no tokens, as far as the request alone says. */
  public Reading units() {
    return Reading.NOTHING;
  }

  /** How far the request may go, found once. */
  final Extent extent() {
    Extent known = extent;
    if (known == null) {
      known = found();
      extent = known;
    }
    return known;
  }

  Extent found() {
    return switch (operation) {
      case CONVERSE, CONVERSE_STREAM -> Bounds.of(request, modelId());
      default -> new Extent();
    };
  }

  /** A request that says what it wants in a body of the provider's own form. */
  private static final class WithBody extends Asked {
    WithBody(
        Operation operation,
        BedrockRuntimeRequest request,
        String requestedModel,
        @Nullable String region,
        Tags tags) {
      super(operation, request, requestedModel, region, tags);
    }

    @Override
    public Reading units() {
      return extent().units;
    }

    @Override
    Extent found() {
      if (request() instanceof StartAsyncInvokeRequest job) {
        Extent extent = new Extent();
        extent.units = Readers.startAsyncInvoke(job);
        return extent;
      }
      SdkBytes body = RequestFacts.body(request());
      RequestUnits units =
          request() instanceof InvokeModelRequest ? RequestUnits.of(modelId()) : null;
      return body == null ? new Extent() : InvokeBody.scan(body, modelId(), units);
    }
  }
}
