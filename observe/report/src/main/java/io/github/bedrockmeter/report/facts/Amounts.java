// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Amounts and times as the tables have them. A row is checked as a whole before any of it is
 * written, since the engine cannot take back half a row. Stateless.
 */
public final class Amounts {
  /** Digits after the point of every amount in the tables. */
  private static final int SCALE = 18;

  /** Digits of an amount in all: the engine has no decimal with more. */
  private static final int PRECISION = 38;

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private Amounts() {}

  /**
   * Checks what a call writes.
   *
   * @throws ArithmeticException if something does not fit; the message names the call
   */
  public static void check(CallFacts facts) {
    try {
      micros(facts.identity().time());
      facts.details().charges().forEach(Amounts::check);
      Money money = facts.money();
      check("cost", money.costUsd());
      check("certain part of the cost", money.atLeastUsd());
      check("estimate", money.estimatedUsd());
    } catch (ArithmeticException unfit) {
      throw named(name(facts) + ": " + unfit.getMessage(), unfit);
    }
  }

  /** Checks what a charge of a call writes. */
  static void check(String callId, Charge charge) {
    try {
      check(charge);
    } catch (ArithmeticException unfit) {
      throw named("call " + callId + ": " + unfit.getMessage(), unfit);
    }
  }

  /** The price of a charge, and so a discount of one's own, decides how many decimals it has. */
  private static void check(Charge charge) {
    try {
      check("rate", charge.rateUsd());
      check("cost", charge.usd());
    } catch (ArithmeticException unfit) {
      boolean isDiscounted = String.valueOf(charge.rateBasis()).contains("DISCOUNT");
      throw named(
          "%s (%s, by the %s of '%s'); use a price and a discount of fewer decimals"
              .formatted(
                  unfit.getMessage(),
                  charge.meter(),
                  isDiscounted ? "discounted price" : "price",
                  charge.rateSource()),
          unfit);
    }
  }

  /** Checks what a budget's event writes. */
  static void check(BudgetFacts facts) {
    try {
      micros(facts.event().time());
      check("share", facts.amounts().share());
    } catch (ArithmeticException unfit) {
      throw named("event " + facts.event().eventId() + ": " + unfit.getMessage(), unfit);
    }
  }

  private static void check(String what, @Nullable BigDecimal value) {
    if (value == null) {
      return;
    }
    try {
      exact(value);
    } catch (ArithmeticException unfit) {
      throw named(what + " " + value.toPlainString() + " " + unfit.getMessage(), unfit);
    }
  }

  /**
   * An amount with the decimals of its column; it is never rounded.
   *
   * @throws ArithmeticException if it does not fit
   */
  public static BigDecimal exact(BigDecimal value) {
    if (value.scale() > SCALE && value.stripTrailingZeros().scale() > SCALE) {
      throw new ArithmeticException("has more than " + SCALE + " decimals");
    }
    BigDecimal exact = value.setScale(SCALE);
    if (exact.precision() > PRECISION) {
      throw new ArithmeticException("is too large for the tables");
    }
    return exact;
  }

  /** Microseconds since 1970. */
  static long micros(Instant at) {
    return Math.addExact(
        Math.multiplyExact(at.getEpochSecond(), MICROS_PER_SECOND), at.getNano() / NANOS_PER_MICRO);
  }

  private static String name(CallFacts facts) {
    String id = facts.identity().requestId();
    if (id == null) {
      id = facts.identity().callId();
    }
    return id != null
        ? "call " + id
        : "the call in " + facts.origin().file() + ", line " + facts.origin().line();
  }

  private static ArithmeticException named(String message, ArithmeticException cause) {
    ArithmeticException named = new ArithmeticException(message);
    named.initCause(cause);
    return named;
  }
}
