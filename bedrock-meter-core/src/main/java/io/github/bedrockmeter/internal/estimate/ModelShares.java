// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import java.util.Arrays;

/**
 * What is known of one model, apart for calls of different size: an answer to a classifier that may
 * say ten tokens uses another share of them than a chat that may say four thousand, and a long
 * prompt is another kind of text than a short one. Thread-safe.
 */
final class ModelShares {
  /** Powers of four, up to a bound of 131,072 tokens and more. */
  static final int SIZES = 10;

  final ShareQuantile[] input;
  final ShareQuantile[] output;

  ModelShares(int tailPpm) {
    input = bySize(tailPpm);
    output = bySize(tailPpm);
  }

  private static ShareQuantile[] bySize(int tailPpm) {
    ShareQuantile[] bySize = new ShareQuantile[SIZES];
    Arrays.setAll(bySize, size -> new ShareQuantile(tailPpm));
    return bySize;
  }
}
