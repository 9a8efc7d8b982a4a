// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a call costs: {@link Known} to the last digit, or {@link Unknown} with the reason. An
 * unknown cost is never zero. Immutable and thread-safe.
 */
public sealed interface Cost {

  /** The cost of a call that consumed nothing. */
  Known NOTHING = new Known(Known.NO_LINES, Usage.NONE, 0, null);

  /**
   * An amount that is not worked out from counts, such as a price for an hour.
   *
   * @param usd not negative
   * @param source where it comes from, in the place of a price book's name
   */
  static Known stated(BigDecimal usd, String source) {
    if (usd.signum() < 0) {
      throw new IllegalArgumentException("usd must not be negative: " + usd);
    }
    return new Known(new Known.Stated(source), Usage.NONE, 0, usd);
  }

  /** The exact amount in US dollars; empty if it is unknown. */
  Optional<BigDecimal> usd();

  /** The part of the cost that is certain, in US dollars; the whole cost where it is known. */
  BigDecimal atLeastUsd();

  /**
   * An exact cost. The amount is kept as whole femto-dollars (10<sup>-15</sup> USD) where that is
   * exact, and the lines are worked out when they are asked for, so that metering a call stays
   * cheap.
   */
  final class Known implements Cost {
    /** Works out a cost's lines when they are asked for. Immutable. */
    interface Lines {
      /** Meter, count, rate and amount of everything in a usage. */
      List<Line> of(Usage usage);

      /** The catalogue version, or the name, of the rates. */
      String book();
    }

    /** No lines: the amount comes from elsewhere. */
    record Stated(String book) implements Lines {
      @Override
      public List<Line> of(Usage usage) {
        return List.of();
      }
    }

    private static final Lines NO_LINES = new Stated("nothing was consumed");

    private static final int FEMTO_SCALE = 15;
    private static final long FEMTO_PER_NANO = 1_000_000;

    private final Lines rates;
    private final Usage usage;
    private final long femtoUsd;
    private final @Nullable BigDecimal exactUsd;

    Known(Lines rates, Usage usage, long femtoUsd, @Nullable BigDecimal exactUsd) {
      this.rates = rates;
      this.usage = usage;
      this.femtoUsd = femtoUsd;
      this.exactUsd = exactUsd;
    }

    /** The exact amount in US dollars, without trailing zeros. */
    public BigDecimal amountUsd() {
      BigDecimal amount = exactUsd != null ? exactUsd : BigDecimal.valueOf(femtoUsd, FEMTO_SCALE);
      return amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
    }

    /**
     * Whole nano-dollars (10<sup>-9</sup> USD), rounded up: what a budget counts.
     *
     * @throws ArithmeticException beyond 9.2 billion dollars
     */
    public long nanoUsd() {
      if (exactUsd != null) {
        return exactUsd.setScale(9, RoundingMode.CEILING).unscaledValue().longValueExact();
      }
      return Math.floorDiv(femtoUsd, FEMTO_PER_NANO)
          + (Math.floorMod(femtoUsd, FEMTO_PER_NANO) == 0 ? 0 : 1);
    }

    /** Meter, count, rate and amount of everything that was consumed. */
    public List<Line> lines() {
      return rates.of(usage);
    }

    /** How the rates were found: every fallback that was taken; empty if all rows were exact. */
    public Set<Basis> basis() {
      Set<Basis> basis = EnumSet.noneOf(Basis.class);
      lines().forEach(line -> basis.addAll(line.rate().basis()));
      return basis;
    }

    /** The version of the catalogue, or the name of the book, that the rates come from. */
    public String book() {
      return rates.book();
    }

    @Override
    public Optional<BigDecimal> usd() {
      return Optional.of(amountUsd());
    }

    @Override
    public BigDecimal atLeastUsd() {
      return amountUsd();
    }

    @Override
    public boolean equals(@Nullable Object object) {
      return object instanceof Known that
          && amountUsd().equals(that.amountUsd())
          && lines().equals(that.lines())
          && book().equals(that.book());
    }

    @Override
    public int hashCode() {
      return amountUsd().hashCode();
    }

    @Override
    public String toString() {
      return "$" + amountUsd().toPlainString();
    }
  }

  /**
   * A cost that is not known.
   *
   * @param reason what is missing, in words an operator can act on
   * @param atLeastUsd the part that could be priced, in US dollars
   */
  record Unknown(String reason, BigDecimal atLeastUsd) implements Cost {
    private static final int LONGEST_REASON = 2_000;

    public Unknown {
      Objects.requireNonNull(reason, "reason");
      if (atLeastUsd.signum() < 0) {
        throw new IllegalArgumentException("negative amount: " + atLeastUsd);
      }
    }

    /** A cost of which nothing is known. */
    public Unknown(String reason) {
      this(reason, new BigDecimal(BigInteger.ZERO));
    }

    @Override
    public Optional<BigDecimal> usd() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return atLeastUsd.signum() == 0
          ? "unknown (" + Escaped.text(reason, LONGEST_REASON) + ")"
          : "at least $"
              + atLeastUsd.toPlainString()
              + " ("
              + Escaped.text(reason, LONGEST_REASON)
              + ")";
    }
  }

  /**
   * One line of a cost: a count times a rate. Immutable and thread-safe.
   *
   * @param count units of the rate's meter
   * @param rate the rate that was applied, with its basis and source
   * @param usd their product in US dollars, exact, without trailing zeros
   */
  record Line(long count, Rate rate, BigDecimal usd) {

    /** What was counted. */
    public Meter meter() {
      return rate.meter();
    }
  }

  /**
   * A sum of costs that does not hide the unknown ones: "$1.20", or "at least $1.20, 3 calls
   * unpriced". Immutable and thread-safe.
   *
   * @param atLeastUsd the sum of what is known, in US dollars
   * @param calls how many costs were added
   * @param unpriced how many of them were unknown
   */
  record Sum(BigDecimal atLeastUsd, long calls, long unpriced) {

    /** The sum of no costs. */
    public static final Sum NONE = new Sum(BigDecimal.ZERO, 0, 0);

    public Sum {
      Objects.requireNonNull(atLeastUsd, "atLeastUsd");
    }

    /** This sum and one cost more. */
    public Sum plus(Cost cost) {
      return new Sum(
          atLeastUsd.add(cost.atLeastUsd()),
          calls + 1,
          cost instanceof Cost.Unknown ? unpriced + 1 : unpriced);
    }

    /** Whether every cost was known, so that the sum is exact. */
    public boolean isExact() {
      return unpriced == 0;
    }

    @Override
    public String toString() {
      BigDecimal shown =
          atLeastUsd.signum() == 0 ? BigDecimal.ZERO : atLeastUsd.stripTrailingZeros();
      String amount = "$" + (shown.scale() < 2 ? shown.setScale(2) : shown).toPlainString();
      if (isExact()) {
        return amount;
      }
      return "at least %s, %d %s unpriced"
          .formatted(amount, unpriced, unpriced == 1 ? "call" : "calls");
    }
  }
}
