// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds the constants that catalogue files name by a label. */
final class Labels {
  private Labels() {}

  /**
   * The value with a label.
   *
   * @param kind what the values are, for the message
   * @throws IllegalArgumentException if no value has the label; the message lists those that exist
   */
  static <T> T named(String kind, String label, T[] values, Function<T, String> labelOf) {
    for (T value : values) {
      if (labelOf.apply(value).equals(label)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "unknown "
            + kind
            + " '"
            + label
            + "'; known are "
            + Arrays.stream(values).map(labelOf).collect(Collectors.joining(", ")));
  }
}
