// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

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
  Known NOTHING = Rates.builder("nothing was consumed").build().costOfNothing();

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
    private static final int FEMTO_SCALE = 15;
    private static final long FEMTO_PER_NANO = 1_000_000;

    private final Rates rates;
    private final Usage usage;
    private final long femtoUsd;
    private final @Nullable BigDecimal exactUsd;

    Known(Rates rates, Usage usage, long femtoUsd, @Nullable BigDecimal exactUsd) {
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
    public List<CostLine> lines() {
      return rates.lines(usage);
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
   * A cost that cannot be told.
   *
   * @param reason what is missing, in words an operator can act on
   * @param atLeastUsd the part that could be priced, in US dollars
   */
  record Unknown(String reason, BigDecimal atLeastUsd) implements Cost {
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
          ? "unknown (" + reason + ")"
          : "at least $" + atLeastUsd.toPlainString() + " (" + reason + ")";
    }
  }
}
