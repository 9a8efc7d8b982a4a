// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The estimator behind {@code Estimators.calibrated}. Thread-safe. */
public final class CalibratedEstimator implements UsageEstimator, MeterListener {
  private static final int MOST_MODELS = 1_000;
  private static final long MILLION = 1_000_000;

  private final int tailPpm;
  private final Cache<String, ModelShares> models =
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
    ModelShares model = models.getIfPresent(RequestFacts.modelId(request));
    if (model == null) {
      return bound;
    }
    long input = atMost(model.input, bound.inputTokens());
    long output = atMost(model.output, bound.outputTokens());
    return input == bound.inputTokens() && output == bound.outputTokens()
        ? bound
        : bound.with(Meter.INPUT, input).with(Meter.OUTPUT, output);
  }

  private static long atMost(ShareQuantile[] bySize, long bound) {
    return bySize[size(bound)].atMost(bound);
  }

  private static int size(long bound) {
    return Math.min(ModelShares.SIZES - 1, (Long.SIZE - Long.numberOfLeadingZeros(bound)) / 2);
  }

  /** Learns from a call that was charged what Bedrock reported. */
  @Override
  public void onUsage(UsageEvent event) {
    Usage actual = event.usage();
    // Without a prompt no model ran: a guardrail stopped the call.
    if (event.charge() != UsageEvent.Charge.REPORTED || actual.totalInputTokens() == 0) {
      return;
    }
    ModelShares model = models.get(event.call().modelId(), id -> new ModelShares(tailPpm));
    Usage bound = event.call().bound();
    learn(model.input, actual.totalInputTokens(), bound.inputTokens());
    learn(model.output, actual.outputTokens(), bound.outputTokens());
  }

  private static void learn(ShareQuantile[] bySize, long actual, long bound) {
    bySize[size(bound)].learn(actual, bound);
  }
}
