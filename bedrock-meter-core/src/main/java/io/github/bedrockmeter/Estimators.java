// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.internal.estimate.CalibratedEstimator;
import io.github.bedrockmeter.internal.estimate.CountTokensEstimator;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.time.Duration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;

/**
 * Estimators that come closer than {@link UsageEstimator#bound}, so that budgets hold less for a
 * call in flight. All are thread-safe. Give one to {@link BedrockMeter.Builder#estimator}, which
 * notifies it of every call. Inside an estimator of your own one that learns is not notified: it is
 * a {@code MeterListener} too, so register it as one.
 */
public final class Estimators {
  private static final Duration WAIT = Duration.ofMillis(500);

  private Estimators() {}

  /**
   * Learns from calls that were charged what Bedrock reported: how many tokens of its bound a
   * model's prompt comes to, cached ones included, and what part of {@code maxTokens} its answer
   * uses. It answers the quantile of each, rounded up, and never more than the bound.
   *
   * <p>It learns each model id apart, of 1,000 at most, and calls of different size apart, by
   * powers of four of their bounds. Until it has seen 100 calls of a kind, or 1 / (1 - quantile) if
   * that is more, the bound stands. It weighs some thousand of the latest calls, and gives up what
   * it has learned when a run of calls exceeds it.
   *
   * <p>With such an estimator a limit can be exceeded, by the calls in the tail: a call's input and
   * its output each exceed the estimate with a probability of 1 - quantile, and the limit is
   * exceeded by no more than the bounds of the calls then in flight are above their estimates. Only
   * {@link UsageEstimator#bound} excludes it.
   *
   * @param quantile 0.9 to 0.9999: 0.99 for estimates that one call in a hundred exceeds
   */
  public static UsageEstimator calibrated(double quantile) {
    return new CalibratedEstimator(quantile);
  }

  /**
   * Like {@link #countTokens(BedrockRuntimeAsyncClient, UsageEstimator, Duration)}, with the bound
   * for the rest, and half a second.
   */
  public static UsageEstimator countTokens(BedrockRuntimeAsyncClient client) {
    return countTokens(client, UsageEstimator.bound(), WAIT);
  }

  /**
   * Asks Bedrock's CountTokens, which is free and documented to match what is charged, for the
   * input tokens of Converse and InvokeModel calls and their streams; the output is estimated by
   * another estimator. Asks for the model behind a profile, as far as the meter's price book knows
   * it. Each content is asked for once an hour, also by {@link BedrockMeter#quote}: its SHA-256 is
   * kept with the count, not its text.
   *
   * <p>A call whose count Bedrock refuses, or does not answer in time, is wholly estimated by the
   * other. A model that Bedrock does not count for is not asked about for ten minutes; after
   * throttling, failures and late answers for a second, doubling up to 64. Synchronous calls wait
   * for the count; for asynchronous ones no thread waits, and the SDK's or a common-pool thread
   * goes on with them.
   *
   * @param client whom to ask: a plain client, which stays the caller's to close
   * @param otherwise for the output, and for all that is not counted
   * @param atMost how long a call waits for its count
   */
  public static UsageEstimator countTokens(
      BedrockRuntimeAsyncClient client, UsageEstimator otherwise, Duration atMost) {
    return new CountTokensEstimator(client, otherwise, atMost, PriceBook.none(), System::nanoTime);
  }
}
