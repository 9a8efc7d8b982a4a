// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** How the providers' bodies write counts. Stateless. */
final class WrittenCount {
  private static final int LONGEST_NUMBER = 1_000;

  private WrittenCount() {}

  /**
   * A number as a count that fits an int, however it is written: {@code 64000.0} and {@code 6.4e4}
   * are counts. A fraction is rounded up, what is too large to be read is the largest int, and what
   * is no number is zero.
   */
  static long of(String number) {
    if (number.length() > LONGEST_NUMBER) {
      return Integer.MAX_VALUE;
    }
    try {
      BigDecimal value = new BigDecimal(number);
      if (value.signum() <= 0) {
        return 0;
      }
      return value.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) >= 0
          ? Integer.MAX_VALUE
          : value.setScale(0, RoundingMode.CEILING).longValueExact();
    } catch (NumberFormatException none) {
      return 0;
    }
  }
}
