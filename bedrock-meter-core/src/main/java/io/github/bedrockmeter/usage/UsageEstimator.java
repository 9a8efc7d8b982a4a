// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * Estimates what a call may consume at most, before it is sent: it gets the bound, which is safe
 * and coarse, and may return something closer. Budgets hold exactly as long as the estimate is an
 * upper bound. {@code Estimators} has some that learn, and one that asks Bedrock to count.
 *
 * <p>Called concurrently, so it must be thread-safe: on the caller's thread, and on another one for
 * a call that has waited; once for each try of a call, and for each quote. When it throws or
 * returns null, the bound stands. An estimator that is a {@code MeterListener} too is notified of
 * every call, as if it had been registered as one, so that it can learn.
 */
@FunctionalInterface
public interface UsageEstimator {

  /**
   * Estimates one call.
   *
   * @param request the SDK's request, as the caller made it
   * @param bound at most this, without the estimator
   */
  Usage estimate(BedrockRuntimeRequest request, Usage bound);

  /** Like {@link #estimate}, for threads that must not wait: it must return at once. */
  default CompletionStage<Usage> estimateAsync(BedrockRuntimeRequest request, Usage bound) {
    return CompletableFuture.completedFuture(estimate(request, bound));
  }

  /**
   * The bound as it is. It needs no tokenizer: a token is at least one byte of UTF-8, so it is the
   * bytes of all text, with allowances for what Bedrock adds and for images and documents, plus the
   * whole of {@code maxTokens}.
   */
  static UsageEstimator bound() {
    return BoundItself.INSTANCE;
  }
}

enum BoundItself implements UsageEstimator {
  INSTANCE;

  @Override
  public Usage estimate(BedrockRuntimeRequest request, Usage bound) {
    return bound;
  }
}
