// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.bill.BillReconciliation.Difference;
import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How far ours may be from theirs: a share, as {@code 0.1%}, or dollars, as {@code 5.00usd}.
 * Immutable.
 */
record Tolerance(@Nullable BigDecimal share, @Nullable BigDecimal usd) {

  boolean isPassedBy(Difference difference) {
    return (share != null && difference.passesShare(share))
        || (usd != null && difference.passesUsd(usd));
  }

  /** Reads it. */
  static final class Of implements ITypeConverter<Tolerance> {
    @Override
    public Tolerance convert(String text) {
      String lower = text.strip().toLowerCase(Locale.ROOT);
      try {
        if (lower.endsWith("%")) {
          return new Tolerance(number(lower, 1).movePointLeft(2), null);
        }
        if (lower.endsWith("usd")) {
          return new Tolerance(null, number(lower, "usd".length()));
        }
      } catch (NumberFormatException malformed) {
        // Refused below.
      }
      throw new TypeConversionException(
          "'" + text + "' is not a tolerance, such as 0.1% or 5.00usd");
    }

    private static BigDecimal number(String text, int unit) {
      BigDecimal number = new BigDecimal(text.substring(0, text.length() - unit).strip());
      if (number.signum() < 0) {
        throw new NumberFormatException("negative");
      }
      return number;
    }
  }
}
