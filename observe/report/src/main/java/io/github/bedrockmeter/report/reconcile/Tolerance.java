// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large a difference may be: an amount, or a part of what AWS's log amounts to. Immutable.
 *
 * @param amount US dollars, or per cent; not negative
 * @param isPercent whether it is per cent
 */
public record Tolerance(BigDecimal amount, boolean isPercent) {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(usd|%)");
  private static final int PER_CENT = 2;

  /** No difference at all. */
  public static final Tolerance NONE = new Tolerance(BigDecimal.ZERO, false);

  public Tolerance {
    if (amount.signum() < 0) {
      throw new IllegalArgumentException("a tolerance must not be negative: " + amount);
    }
  }

  /**
   * Reads {@code 0.02%} or {@code 5usd}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Tolerance parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a tolerance must be per cent or dollars, as 0.02% or 5usd: '" + text + "'");
    }
    return new Tolerance(new BigDecimal(matcher.group(1)), matcher.group(2).equals("%"));
  }

  /** The dollars it allows of a whole. */
  public BigDecimal usdOf(BigDecimal wholeUsd) {
    return isPercent ? wholeUsd.multiply(amount).movePointLeft(PER_CENT) : amount;
  }

  @Override
  public String toString() {
    return amount.toPlainString() + (isPercent ? " %" : " USD");
  }
}
