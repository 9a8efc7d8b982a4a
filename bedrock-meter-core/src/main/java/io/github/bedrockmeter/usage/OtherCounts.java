// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** Counts of meters that have no component of their own in a usage. */
final class OtherCounts {
  private OtherCounts() {}

  /** An unmodifiable copy without zeros, in the order of names. */
  static Map<Meter, Long> checked(Map<Meter, Long> counts) {
    Map<Meter, Long> copy = new TreeMap<>(Comparator.comparing(Meter::name));
    counts.forEach(
        (meter, count) -> {
          if (Meter.TOKENS.contains(meter)) {
            throw new IllegalArgumentException(meter + " has a component of its own");
          }
          if (count < 0) {
            throw new IllegalArgumentException("a count is negative: " + meter + " " + count);
          }
          if (count > 0) {
            copy.put(meter, count);
          }
        });
    return Collections.unmodifiableMap(copy);
  }
}
