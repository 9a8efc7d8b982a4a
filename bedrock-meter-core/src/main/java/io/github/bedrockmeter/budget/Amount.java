// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.internal.text.Decimals;
import io.github.bedrockmeter.ledger.Unit;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Objects;

/**
 * How much of something: dollars, tokens or requests. Immutable and thread-safe.
 *
 * @param units whole units: nano-dollars (10<sup>-9</sup> USD), tokens or requests; not negative
 * @param unit what is counted
 */
public record Amount(long units, Unit unit) implements Serializable {
  private static final int NANO_SCALE = 9;
  private static final int MOST_DIGITS = 100;

  public Amount {
    Objects.requireNonNull(unit, "unit");
    if (units < 0) {
      throw new IllegalArgumentException("an amount must not be negative: " + units);
    }
  }

  /**
   * US dollars, written as a decimal: {@code "25.00"}.
   *
   * @throws IllegalArgumentException if it is no decimal, negative, or finer than a nano-dollar
   */
  public static Amount usd(String dollars) {
    return usd(
        Decimals.read(dollars, "an amount in US dollars must be a decimal such as \"25.00\""));
  }

  /** US dollars, to the nano-dollar. */
  public static Amount usd(BigDecimal dollars) {
    if (dollars.signum() < 0) {
      throw new IllegalArgumentException("an amount must not be negative: " + shown(dollars));
    }
    if (!isLong(dollars)) {
      try {
        return new Amount(
            dollars.setScale(NANO_SCALE, RoundingMode.UNNECESSARY).unscaledValue().longValueExact(),
            Unit.NANO_USD);
      } catch (ArithmeticException outOfRange) {
        // Refused below.
      }
    }
    throw new IllegalArgumentException(
        "an amount must be a whole number of nano-dollars below 9 billion dollars: "
            + shown(dollars));
  }

  /** Whether it takes long to work with; no amount of nano-dollars does. */
  private static boolean isLong(BigDecimal dollars) {
    return Math.abs((long) dollars.scale()) > MOST_DIGITS
        || dollars.unscaledValue().bitLength() > 4 * MOST_DIGITS;
  }

  private static String shown(BigDecimal dollars) {
    return isLong(dollars) ? "a number of very many digits" : dollars.toString();
  }

  /** Tokens of every kind: input, output, cache-read and cache-write alike. */
  public static Amount tokens(long count) {
    return new Amount(count, Unit.TOKENS);
  }

  /** Calls. */
  public static Amount requests(long count) {
    return new Amount(count, Unit.REQUESTS);
  }

  /** The amount as people write it: {@code $0.42}, {@code 1,200 tokens}, {@code 3 requests}. */
  @Override
  public String toString() {
    if (unit == Unit.NANO_USD) {
      BigDecimal dollars = BigDecimal.valueOf(units, NANO_SCALE).stripTrailingZeros();
      return "$" + (dollars.scale() < 2 ? dollars.setScale(2) : dollars).toPlainString();
    }
    String noun = unit == Unit.TOKENS ? "token" : "request";
    return String.format(Locale.ROOT, "%,d %s", units, units == 1 ? noun : noun + "s");
  }
}
