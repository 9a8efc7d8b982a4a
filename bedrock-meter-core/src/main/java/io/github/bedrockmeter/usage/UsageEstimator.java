// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * Says what a call may consume at most, before it is sent. Budgets hold exactly as long as this is
 * an upper bound.
 *
 * <p>Called concurrently, on the caller's thread, once for each call. When it throws or returns
 * null, {@link #bound} answers in its place.
 */
@FunctionalInterface
public interface UsageEstimator {

  /**
   * Estimates one call.
   *
   * @param request the SDK's request, as the caller made it
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own:
   *     the model's maximum where the price book knows it, else the meter's default
   */
  Usage estimate(BedrockRuntimeRequest request, long maxOutputTokens);

  /**
   * An upper bound that needs no tokenizer: a token is at least one byte of UTF-8, so the bytes of
   * all text, with allowances for what Bedrock adds and for images and documents, plus the whole of
   * {@code maxTokens}.
   */
  static UsageEstimator bound() {
    return BoundEstimator.INSTANCE;
  }
}
