// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.support.CommonPool;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.AccessDeniedException;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ResourceNotFoundException;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;

/** The estimator behind {@code Estimators.countTokens}. Thread-safe. */
public final class CountTokensEstimator implements UsageEstimator {
  /*
   * A count that is asked for is in the cache from then on, unanswered, so that calls with the same
   * content wait for one answer. An answer that comes too late for the calls that waited is kept
   * for later ones; a failure is not kept.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(CountTokensEstimator.class));
  private static final int MOST_COUNTS = 10_000;
  private static final Duration COUNT_KEPT = Duration.ofHours(1);
  private static final long NO_COUNT = -1;

  private final BedrockRuntimeAsyncClient client;
  private final UsageEstimator otherwise;
  private final Duration atMost;
  private final PriceBook models;
  private final AsyncCache<String, Long> counts;
  private final Pauses pauses;

  /**
   * An estimator that has asked nothing yet; {@code Estimators.countTokens} says what it does.
   *
   * @param models knows the models behind profiles
   */
  public CountTokensEstimator(
      BedrockRuntimeAsyncClient client,
      UsageEstimator otherwise,
      Duration atMost,
      PriceBook models,
      LongSupplier nanoClock) {
    if (atMost.isNegative() || atMost.isZero()) {
      throw new IllegalArgumentException("atMost must be positive, such as PT0.5S: " + atMost);
    }
    this.client = Objects.requireNonNull(client, "client");
    this.otherwise = Objects.requireNonNull(otherwise, "otherwise");
    this.atMost = atMost;
    this.models = models;
    this.counts =
        Caffeine.newBuilder()
            .maximumSize(MOST_COUNTS)
            .expireAfterWrite(COUNT_KEPT)
            .ticker(nanoClock::getAsLong)
            .executor(Runnable::run)
            .buildAsync();
    this.pauses = new Pauses(nanoClock);
  }

  /** The same estimator for a meter, with what it knows of models and of time. */
  public CountTokensEstimator in(PriceBook prices, LongSupplier nanoClock) {
    return new CountTokensEstimator(client, otherwise, atMost, prices, nanoClock);
  }

  /** The estimator of what is not counted. */
  public UsageEstimator otherwise() {
    return otherwise;
  }

  @Override
  public Usage estimate(BedrockRuntimeRequest request, Usage bound) {
    Count count = count(request);
    Usage estimate = otherwise.estimate(request, bound);
    try {
      return counted(estimate, count.tokens().get(atMost.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException failed) {
      return estimate;
    } catch (TimeoutException late) {
      pauses.lengthen(count.model());
      return estimate;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return estimate;
    }
  }

  @Override
  public CompletionStage<Usage> estimateAsync(BedrockRuntimeRequest request, Usage bound) {
    CompletableFuture<Long> count = inTime(count(request));
    return otherwise
        .estimateAsync(request, bound)
        .thenCombine(count, CountTokensEstimator::counted);
  }

  private CompletableFuture<Long> inTime(Count count) {
    CompletableFuture<Long> tokens = count.tokens();
    if (tokens.isDone()) {
      return tokens.exceptionally(failure -> NO_COUNT);
    }
    return tokens
        .copy()
        .orTimeout(atMost.toNanos(), TimeUnit.NANOSECONDS)
        // An estimator around this one may go on here; the JDK's one timer thread is not for that.
        .handleAsync(
            (known, failure) -> failure == null ? known : none(count.model(), failure),
            CommonPool.EXECUTOR);
  }

  private long none(String model, Throwable failure) {
    if (failure instanceof TimeoutException) {
      pauses.lengthen(model);
    }
    return NO_COUNT;
  }

  private static Usage counted(Usage estimate, long count) {
    if (count == NO_COUNT) {
      return estimate;
    }
    return AssumedUsage.counted(estimate, count);
  }

  /** The tokens of a request as a model counts them; {@code NO_COUNT}, or failed, without. */
  private record Count(String model, CompletableFuture<Long> tokens) {}

  private Count count(BedrockRuntimeRequest request) {
    String model = CountedTokens.countable(RequestFacts.modelId(request), models);
    CountTokensRequest question =
        model == null || pauses.isPaused(model) ? null : TokenQuestions.of(request, model);
    if (model == null || question == null) {
      return new Count("", CompletableFuture.completedFuture(NO_COUNT));
    }
    CompletableFuture<Long> mine = new CompletableFuture<>();
    String hash = ContentHash.of(question);
    CompletableFuture<Long> known = counts.asMap().putIfAbsent(hash, mine);
    while (known != null) {
      if (!known.isCompletedExceptionally()) {
        return new Count(model, known);
      }
      // It is about to leave the cache; who was woken by its failure may be here before that.
      counts.asMap().remove(hash, known);
      known = counts.asMap().putIfAbsent(hash, mine);
    }
    ask(question, model, mine);
    return new Count(model, mine);
  }

  private void ask(CountTokensRequest question, String model, CompletableFuture<Long> count) {
    try {
      client
          .countTokens(question)
          .whenComplete((response, failure) -> answered(model, count, response, failure));
    } catch (Throwable failure) {
      answered(model, count, null, failure);
    }
  }

  private void answered(
      String model,
      CompletableFuture<Long> count,
      @Nullable CountTokensResponse response,
      @Nullable Throwable failure) {
    try {
      if (response != null && response.inputTokens() != null) {
        pauses.end(model);
        count.complete(response.inputTokens().longValue());
        return;
      }
      log.debug("Bedrock did not count tokens for {}", model, failure);
      Throwable cause = failure == null ? null : Failures.unwrapped(failure);
      if (cause instanceof ValidationException && !isAboutTheModel(cause)) {
        count.complete(NO_COUNT);
      } else if (cause instanceof ValidationException
          || cause instanceof AccessDeniedException
          || cause instanceof ResourceNotFoundException) {
        pauses.refused(model);
      } else {
        pauses.lengthen(model);
      }
    } finally {
      // Whatever happened, no caller may wait for it any longer; what failed is not kept.
      count.completeExceptionally(new IllegalStateException("no count"));
    }
  }

  /** "The provided model doesn't support counting tokens.", "... identifier is invalid." */
  private static boolean isAboutTheModel(Throwable refused) {
    String message = refused.getMessage();
    return message == null || message.startsWith("The provided model");
  }
}
