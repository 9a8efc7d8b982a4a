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

  /** How many decimals amounts up to this one have for reading, all the same in one table. */
  static int decimalsFor(BigDecimal greatest) {
    BigDecimal size = greatest.abs();
    if (size.compareTo(BigDecimal.ONE) >= 0 || size.signum() == 0) {
      return CENTS;
    }
    return size.compareTo(BigDecimal.valueOf(1, 2)) >= 0 ? 4 : 6;
  }

  /** For reading, on its own: {@code $1,234.57}, {@code $0.031200}. */
  static String shown(BigDecimal amount) {
    return shown(amount, decimalsFor(amount));
  }

  /**
   * For reading, with commas and so many decimals. What is not zero is never shown as zero: {@code
   * < $0.01}. Exact amounts stand beside.
   */
  static String shown(BigDecimal amount, int decimals) {
    if (amount.signum() == 0) {
      return "$0.00";
    }
    BigDecimal rounded = amount.setScale(decimals, RoundingMode.HALF_UP);
    String sign = amount.signum() < 0 ? "\u2212" : "";
    if (rounded.signum() == 0) {
      return sign + "<\u00a0$" + BigDecimal.ONE.movePointLeft(decimals).toPlainString();
    }
    return sign + "$" + String.format(Locale.ROOT, "%,." + decimals + "f", rounded.abs());
  }

  /** A whole number in three digits or so: {@code 46.3 M}. */
  static String rough(long count) {
    if (count < 10_000_000) {
      return count(count);
    }
    boolean billions = count >= 1_000_000_000;
    BigDecimal part = BigDecimal.valueOf(count, billions ? 9 : 6);
    return String.format(Locale.ROOT, "%,.1f", part.setScale(1, RoundingMode.HALF_UP))
        + (billions ? "\u00a0G" : "\u00a0M");
  }

  /** A whole number with commas. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
