// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.StringJoiner;

/** Finds the constants that catalogue files name by a label. */
final class Labels {
  private Labels() {}

  /** A constant with a label. */
  interface Labelled {
    /** The name used in catalogue files. */
    String label();
  }

  /**
   * The value with a label.
   *
   * @param kind what the values are, for the message
   * @throws IllegalArgumentException if no value has the label; the message lists those that exist
   */
  static <T extends Labelled> T named(String kind, String label, T[] values) {
    for (T value : values) {
      if (value.label().equals(label)) {
        return value;
      }
    }
    StringJoiner known = new StringJoiner(", ");
    for (T value : values) {
      known.add(value.label());
    }
    throw new IllegalArgumentException("unknown " + kind + " '" + label + "'; known are " + known);
  }
}
