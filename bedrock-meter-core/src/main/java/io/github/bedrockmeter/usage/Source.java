// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

/** Who vouches for a count, the most trusted first. */
public enum Source {
  /** A usage field of the response, or of the provider's own stream events. */
  BODY,
  /** An {@code X-Amzn-Bedrock-*-Count} header of an InvokeModel response. */
  HEADERS,
  /** The {@code amazon-bedrock-invocationMetrics} that end an InvokeModel stream. */
  STREAM_METRICS,
  /** Counted in the request, where the response reports nothing: images, seconds, documents. */
  REQUEST,
  /** Nothing was reported and the facts leave one value: a refused or blocked call costs zero. */
  INFERRED,
  /** Our upper bound from before the call, because nothing better was seen. */
  ESTIMATED
}
