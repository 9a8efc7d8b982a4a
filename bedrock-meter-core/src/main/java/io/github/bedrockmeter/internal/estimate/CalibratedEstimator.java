// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.util.Arrays;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The estimator behind {@code Estimators.calibrated}. Thread-safe. */
public final class CalibratedEstimator implements UsageEstimator, MeterListener {
  private static final int MOST_MODELS = 1_000;
  private static final long MILLION = 1_000_000;

  /** Powers of four, up to a bound of 131,072 tokens and more. */
  private static final int SIZES = 10;

  private final int tailPpm;
  private final Cache<String, Model> models =
      Caffeine.newBuilder().maximumSize(MOST_MODELS).executor(Runnable::run).build();

  /** An estimator that knows nothing yet; {@code Estimators.calibrated} says what it does. */
  public CalibratedEstimator(double quantile) {
    if (!(quantile >= 0.9 && quantile <= 0.9999)) {
      throw new IllegalArgumentException(
          "quantile must be from 0.9 to 0.9999, such as 0.99: " + quantile);
    }
    this.tailPpm = (int) Math.round((1 - quantile) * MILLION);
  }

  @Override
  public Usage estimate(BedrockRuntimeRequest request, Usage bound) {
    Model model = models.getIfPresent(RequestFacts.modelId(request));
    if (model == null) {
      return bound;
    }
    long input = atMost(model.input, bound.inputTokens());
    long output = atMost(model.output, bound.outputTokens());
    return input == bound.inputTokens() && output == bound.outputTokens()
        ? bound
        : new Usage(
            input,
            output,
            bound.cacheReadTokens(),
            bound.cacheWrite5mTokens(),
            bound.cacheWrite30mTokens(),
            bound.cacheWrite1hTokens(),
            bound.other(),
            Usage.Sources.all(Source.ESTIMATED));
  }

  private static long atMost(ShareQuantile[] bySize, long bound) {
    return bySize[size(bound)].atMost(bound);
  }

  private static int size(long bound) {
    return Math.min(SIZES - 1, (Long.SIZE - Long.numberOfLeadingZeros(bound)) / 2);
  }

  /** Learns from a call that was charged what Bedrock reported. */
  @Override
  public void onUsage(UsageEvent event) {
    Usage actual = event.usage();
    // Without a prompt no model ran: a guardrail stopped the call.
    if (event.charge() != UsageEvent.Charge.REPORTED || actual.totalInputTokens() == 0) {
      return;
    }
    Model model = models.get(event.call().modelId(), id -> new Model(tailPpm));
    Usage bound = event.call().bound();
    learn(model.input, actual.totalInputTokens(), bound.inputTokens());
    learn(model.output, actual.outputTokens(), bound.outputTokens());
  }

  private static void learn(ShareQuantile[] bySize, long actual, long bound) {
    bySize[size(bound)].learn(actual, bound);
  }

  /**
   * What is known of one model, apart for calls of different size: an answer to a classifier that
   * may say ten tokens uses another share of them than a chat that may say four thousand, and a
   * long prompt is another kind of text than a short one.
   */
  private static final class Model {
    final ShareQuantile[] input;
    final ShareQuantile[] output;

    Model(int tailPpm) {
      input = bySize(tailPpm);
      output = bySize(tailPpm);
    }

    private static ShareQuantile[] bySize(int tailPpm) {
      ShareQuantile[] bySize = new ShareQuantile[SIZES];
      Arrays.setAll(bySize, size -> new ShareQuantile(tailPpm));
      return bySize;
    }
  }
}
