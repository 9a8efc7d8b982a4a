// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.internal.reading.Missing;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceBook.ModelLimits;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a call may consume at most: tokens from the estimator, for the models and operations that
 * count tokens, and everything else from the request. Never throws. Thread-safe.
 */
public final class Estimates {
  private static final Log log = Log.to(LoggerFactory.getLogger(Estimates.class));
  private static final OutageLog UNBOUNDED =
      new OutageLog(log, "What a call may use cannot be worked out, and is assumed");
  private static final OutageLog ESTIMATOR =
      new OutageLog(log, "The estimator fails, and the built-in bound is used");
  private static final OutageLog LIMITS =
      new OutageLog(log, "The price book fails for the limits of a model");

  private final UsageEstimator estimator;
  private final PriceBook prices;
  private final long defaultMaxOutputTokens;
  private final OnceFor<String> assumedLimits = new OnceFor<>(1_000);

  public Estimates(UsageEstimator estimator, PriceBook prices, long defaultMaxOutputTokens) {
    this.estimator = estimator;
    this.prices = prices;
    this.defaultMaxOutputTokens = defaultMaxOutputTokens;
  }

  /** Whether the estimator may answer something closer than the bound. */
  public boolean narrows(Asked asked) {
    return estimator != UsageEstimator.bound() && countsTokens(asked.operation());
  }

  private static boolean countsTokens(Operation operation) {
    return switch (operation) {
      case CONVERSE, CONVERSE_STREAM, INVOKE_MODEL, INVOKE_MODEL_WITH_RESPONSE_STREAM -> true;
      default -> false;
    };
  }

  /**
   * What a call may consume at most: the built-in bound.
   *
   * @param call its id, for the log
   */
  public Usage bound(Asked asked, String call) {
    Long known = null;
    long maxOutputTokens = defaultMaxOutputTokens;
    try {
      known = !asked.limitsOutput() ? knownMaxOutputTokens(asked.modelId(), call) : null;
      maxOutputTokens = known == null ? defaultMaxOutputTokens : known;
      return switch (asked.operation()) {
        case APPLY_GUARDRAIL -> GuardrailUnits.ofPolicies(asked.request());
        case INVOKE_GUARDRAIL_CHECKS -> GuardrailUnits.ofChecks(asked.request());
        case INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM -> AssumedUsage.ofSession(maxOutputTokens);
        case START_ASYNC_INVOKE -> {
          Usage usage = asked.units().usage();
          yield open(asked, usage == null ? AssumedUsage.of(maxOutputTokens) : usage, call);
        }
        default -> {
          Usage tokens = asked.bound(maxOutputTokens, known != null);
          if (known == null && !asked.limitsOutput()) {
            logAssumedLimit(asked.modelId(), maxOutputTokens, call);
          }
          yield open(asked, completed(asked, tokens, tokens), call);
        }
      };
    } catch (Throwable failure) {
      UNBOUNDED.failed(
          named(call, asked.modelId()) + ", " + maxOutputTokens + " tokens each way", failure);
      return AssumedUsage.of(maxOutputTokens);
    }
  }

  /** With the meters of which the request does not say how much will be used. */
  private static Usage open(Asked asked, Usage bound, String call) {
    Set<Meter> unstated = unstated(asked, bound, call);
    if (unstated.isEmpty()) { // of most calls, which need no iterator
      return bound;
    }
    Usage result = bound;
    for (Meter meter : unstated) {
      result =
          result.assuming(
              Assumption.notShown(
                  meter, "the request does not say how much it will use of " + meter));
    }
    return result;
  }

  private void logAssumedLimit(String modelId, long maxOutputTokens, String call) {
    if (Readers.countsOutputTokens(modelId) && assumedLimits.isFirst(modelId)) {
      log.info(
          "Calls to {} that set no maxTokens reserve {} output tokens; set maxTokens, or the"
              + " meter's defaultMaxOutputTokens; the first is call {}",
          modelId,
          maxOutputTokens,
          call);
    }
  }

  /** What the estimator makes of the bound; the bound itself if it fails. */
  public Usage narrowed(Asked asked, Usage bound, String call) {
    try {
      return narrowed(asked, bound, estimator.estimate(asked.request(), bound), null, call);
    } catch (Throwable failure) {
      return narrowed(asked, bound, null, failure, call);
    }
  }

  /** Like {@link #narrowed}, without waiting. The stage does not fail. */
  public CompletionStage<Usage> narrowedAsync(Asked asked, Usage bound, String call) {
    try {
      return estimator
          .estimateAsync(asked.request(), bound)
          .handle((estimate, failure) -> narrowed(asked, bound, estimate, failure, call));
    } catch (Throwable failure) {
      return CompletableFuture.completedFuture(narrowed(asked, bound, null, failure, call));
    }
  }

  private static Usage narrowed(
      Asked asked,
      Usage bound,
      @Nullable Usage estimate,
      @Nullable Throwable failure,
      String call) {
    if (estimate == null) {
      ESTIMATOR.failed(named(call, asked.modelId()), failure);
      return bound;
    }
    try {
      return estimate.equals(bound)
          ? bound
          : Assumptions.kept(bound, completed(asked, asEstimated(estimate), bound));
    } catch (RuntimeException tooMuch) {
      ESTIMATOR.failed(named(call, asked.modelId()), tooMuch);
      return bound;
    }
  }

  private static String named(String call, String modelId) {
    return "call " + call + " to " + modelId;
  }

  /** Whatever source the estimator names, Bedrock has not reported it. */
  private static Usage asEstimated(Usage estimate) {
    if (estimate.source() == Source.ESTIMATED) {
      return estimate;
    }
    Usage.Builder builder = Usage.builder(Source.ESTIMATED);
    estimate.forEach(builder::count);
    return Assumptions.copied(estimate, builder.build());
  }

  /** With what a call uses besides the tokens it counts, and without those it does not count. */
  private static Usage completed(Asked asked, Usage tokens, Usage bound) {
    return GuardrailUnits.added(
        asked,
        asked.operation() == Operation.INVOKE_MODEL
            ? fitted(tokens, asked.units(), asked.modelId())
            : tokens,
        bound.inputTokens());
  }

  /** The meters a call will use of which its request does not say how much. Never throws. */
  static Set<Meter> unstated(Asked asked, Usage estimate, String call) {
    try {
      return Missing.unbounded(asked.units().missing(), estimate);
    } catch (Throwable failure) {
      UNBOUNDED.failed(named(call, asked.modelId()), failure);
      return Set.of();
    }
  }

  private @Nullable Long knownMaxOutputTokens(String modelId, String call) {
    try {
      ModelLimits limits = prices.limitsOf(modelId);
      return limits == null ? null : limits.maxOutputTokens();
    } catch (Throwable failure) {
      LIMITS.failed(named(call, modelId), failure);
      return null;
    }
  }

  /** Without the tokens that such a model does not count, and with what the request asks for. */
  private static Usage fitted(Usage tokens, Reading asked, String modelId) {
    boolean input = Readers.countsInputTokens(modelId);
    boolean output = Readers.countsOutputTokens(modelId);
    if (input && output && asked.usage() == null) {
      return tokens;
    }
    Usage.Builder builder = Usage.builder(Source.ESTIMATED);
    if (input) {
      builder.count(Meter.INPUT, tokens.inputTokens());
    }
    if (output) {
      builder.count(Meter.OUTPUT, tokens.outputTokens());
    }
    tokens.other().forEach(builder::count);
    if (asked.usage() != null) {
      asked.usage().other().forEach(builder::count);
    }
    return Assumptions.copied(tokens, builder.build());
  }
}
