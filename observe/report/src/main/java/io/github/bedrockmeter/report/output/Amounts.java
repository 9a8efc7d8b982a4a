// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** How exact amounts are written. Stateless. */
final class Amounts {
  private static final int CENTS = 2;

  private Amounts() {}

  /** The same amount without zeros at its end, and never with an exponent. */
  static BigDecimal plain(BigDecimal amount) {
    BigDecimal stripped = amount.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  /** Exact, in cents at least: {@code 0.50}, {@code 0.0000054}. */
  static String exact(BigDecimal amount) {
    BigDecimal plain = plain(amount);
    return plain.setScale(Math.max(CENTS, plain.scale())).toPlainString();
  }

  /**
   * For reading, with commas: {@code $1,234.57}, {@code $0.0312}; rounded to cents from a hundred
   * dollars on, below to a part that still shows a difference. Exact amounts stand beside.
   */
  static String shown(BigDecimal amount) {
    BigDecimal size = amount.abs();
    int digits =
        size.compareTo(BigDecimal.valueOf(100)) >= 0
            ? CENTS
            : size.compareTo(BigDecimal.ONE) >= 0 ? 3 : 6;
    BigDecimal rounded = plain(amount.setScale(digits, RoundingMode.HALF_UP));
    BigDecimal cents = rounded.setScale(Math.max(CENTS, rounded.scale()));
    String text = String.format(Locale.ROOT, "%,." + cents.scale() + "f", cents.abs());
    return (amount.signum() < 0 && rounded.signum() != 0 ? "\u2212$" : "$") + text;
  }

  /** A whole number with commas. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
