// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.internal.text.Decimals;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rates that apply to one call, and the arithmetic that turns usage into a {@link Cost}.
 * Immutable and thread-safe.
 *
 * <pre>{@code
 * Rates claude = Rates.builder("contract 2026").perMillion(Meter.INPUT, "3.30").perMillion(Meter.OUTPUT, "16.50").build();
 * }</pre>
 */
public final class Rates {
  /*
   * Exact without allocating. A token's price is far below a nano-dollar, and a double turns 0.396
   * into 0.39599999999999996. So every rate is kept as whole femto-dollars (1e-15 USD) per unit,
   * which holds any published rate of up to nine decimals per million tokens, and a cost is a sum
   * of long products. One long holds $9,223; a call beyond that, or a rate with more decimals,
   * takes the BigDecimal path, which gives the same answer more slowly.
   */
  private static final int FEMTO_SCALE = 15;
  private static final String A_PRICE = "a price must be a decimal such as \"3.30\"";
  private static final long ABSENT = -1;
  private static final long INEXACT = -2;

  private final String book;
  private final Map<Meter, Rate> rates;
  private final Cost.Known.Lines lines =
      new Cost.Known.Lines() {
        @Override
        public List<Cost.Line> of(Usage usage) {
          return lines(usage);
        }

        @Override
        public String book() {
          return book;
        }
      };

  private final long[] tokenFemto = new long[Meter.TOKENS.size()];

  private Rates(String book, Map<Meter, Rate> rates) {
    this.book = book;
    this.rates = Map.copyOf(rates);
    for (int i = 0; i < tokenFemto.length; i++) {
      tokenFemto[i] = femto(rates.get(Meter.TOKENS.get(i)));
    }
  }

  /**
   * A builder of rates.
   *
   * @param book the catalogue version or name that a cost made with these rates will state
   */
  public static Builder builder(String book) {
    return new Builder(book);
  }

  /** The rate of one meter; null if these rates have none, which means unknown, not free. */
  public @Nullable Rate rate(Meter meter) {
    return rates.get(meter);
  }

  /** Every rate, by meter. */
  public Map<Meter, Rate> all() {
    return rates;
  }

  /** The catalogue version or name that these rates belong to. */
  public String book() {
    return book;
  }

  /** What {@code usage} costs; unknown if it has a count whose meter has no rate. */
  public Cost costOf(Usage usage) {
    if (!usage.other().isEmpty()) {
      return exactCostOf(usage);
    }
    long sum = 0;
    try {
      sum = add(sum, usage.inputTokens(), tokenFemto[0]);
      sum = add(sum, usage.outputTokens(), tokenFemto[1]);
      sum = add(sum, usage.cacheReadTokens(), tokenFemto[2]);
      sum = add(sum, usage.cacheWrite5mTokens(), tokenFemto[3]);
      sum = add(sum, usage.cacheWrite30mTokens(), tokenFemto[4]);
      sum = add(sum, usage.cacheWrite1hTokens(), tokenFemto[5]);
    } catch (ArithmeticException beyondLong) {
      return exactCostOf(usage);
    }
    return sum < 0 ? exactCostOf(usage) : new Cost.Known(lines, usage, sum, null);
  }

  /**
   * Adds a product to a sum of femto-dollars; a negative result means that it does not fit a long.
   */
  private static long add(long sum, long count, long femtoPerUnit) {
    if (count == 0) {
      return sum;
    }
    if (femtoPerUnit < 0 || sum < 0) {
      return femtoPerUnit < 0 ? femtoPerUnit : sum;
    }
    return Math.addExact(sum, Math.multiplyExact(count, femtoPerUnit));
  }

  private Cost exactCostOf(Usage usage) {
    List<Meter> unpriced = new ArrayList<>();
    BigDecimal[] sum = {BigDecimal.ZERO};
    usage.forEach(
        (meter, count) -> {
          Rate rate = rates.get(meter);
          if (rate == null) {
            unpriced.add(meter);
          } else {
            sum[0] = sum[0].add(amount(count, rate));
          }
        });
    return unpriced.isEmpty()
        ? new Cost.Known(lines, usage, 0, sum[0])
        : new Cost.Unknown("no price for " + unpriced + " in " + book, sum[0]);
  }

  private List<Cost.Line> lines(Usage usage) {
    List<Cost.Line> lines = new ArrayList<>();
    usage.forEach(
        (meter, count) -> {
          Rate rate = rates.get(meter);
          if (rate != null) {
            lines.add(new Cost.Line(count, rate, amount(count, rate)));
          }
        });
    return List.copyOf(lines);
  }

  private static BigDecimal amount(long count, Rate rate) {
    BigDecimal amount = rate.usdPerUnit().multiply(BigDecimal.valueOf(count));
    return amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
  }

  private static long femto(@Nullable Rate rate) {
    if (rate == null) {
      return ABSENT;
    }
    try {
      return rate.usdPerUnit().movePointRight(FEMTO_SCALE).longValueExact();
    } catch (ArithmeticException tooFineOrTooLarge) {
      return INEXACT;
    }
  }

  @Override
  public String toString() {
    return book + " " + rates.values();
  }

  /** Collects rates. Mutable, confined to one thread. */
  public static final class Builder {
    private final String book;
    private final Map<Meter, Rate> rates = new LinkedHashMap<>();

    private Builder(String book) {
      this.book = book;
    }

    /** A price for a million units, as Bedrock's price pages give token prices. */
    public Builder perMillion(Meter meter, String usd) {
      return rate(new Rate(meter, Decimals.read(usd, A_PRICE), 1_000_000, Set.of(), book));
    }

    /** A price for a single unit: an image, a second, a query. */
    public Builder perUnit(Meter meter, String usd) {
      return rate(new Rate(meter, Decimals.read(usd, A_PRICE), 1, Set.of(), book));
    }

    /** A rate with its basis and source. A meter takes one rate. */
    public Builder rate(Rate rate) {
      if (rates.putIfAbsent(rate.meter(), rate) != null) {
        throw new IllegalArgumentException("two rates for " + rate.meter());
      }
      return this;
    }

    /** The rates. */
    public Rates build() {
      return new Rates(book, rates);
    }
  }
}
