// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the models of the histories cost: in the meter's words, and in the reference's. */
final class Prices implements PriceBook {
  static final String BIG = "anthropic.big";
  static final String SMALL = "anthropic.small";
  static final String NOVA = "amazon.nova-x";

  /** Without a price; its provider's dearest rates are known. */
  static final String UNPRICED = "meta.unpriced";

  /** Without a price, of a provider without one. */
  static final String UNHEARD_OF = "qwen.unheard-of";

  /** Nano-dollars a token, in and out. */
  private static final Map<String, Pair> PAIRS =
      Map.of(
          BIG, new Pair("10000", "50000"),
          SMALL, new Pair("250.4", "1250.7"),
          NOVA, new Pair("60", "240"));

  private static final Pair DEAREST = new Pair("20000", "60000");

  private record Pair(BigDecimal input, BigDecimal output, Rates rates) {
    Pair(String input, String output) {
      this(
          new BigDecimal(input),
          new BigDecimal(output),
          Rates.builder("histories")
              .perMillion(Meter.INPUT, perMillion(input))
              .perMillion(Meter.OUTPUT, perMillion(output))
              .build());
    }

    private static String perMillion(String nanoUsd) {
      return new BigDecimal(nanoUsd).movePointLeft(3).toPlainString();
    }
  }

  @Override
  public Cost costOf(PriceKey key, Usage usage) {
    return cost(pair(key.modelId(), false), usage);
  }

  @Override
  public Cost conservativeCostOf(PriceKey key, Usage usage) {
    return cost(pair(key.modelId(), true), usage);
  }

  private static Cost cost(@Nullable Pair pair, Usage usage) {
    return pair == null ? new Cost.Unknown("no price") : pair.rates.costOf(usage);
  }

  private static @Nullable Pair pair(String model, boolean conservative) {
    return conservative && model.equals(UNPRICED) ? DEAREST : PAIRS.get(model);
  }

  /** What a call costs in nano-dollars, not rounded; null if nobody knows. */
  static @Nullable BigDecimal nanoUsd(String model, boolean conservative, long input, long output) {
    Pair pair = pair(model, conservative);
    return pair == null
        ? null
        : pair.input
            .multiply(BigDecimal.valueOf(input))
            .add(pair.output.multiply(BigDecimal.valueOf(output)));
  }

  /** Whole nano-dollars, as a budget counts them. */
  static long roundedUp(BigDecimal nanoUsd) {
    return nanoUsd.setScale(0, RoundingMode.CEILING).longValueExact();
  }
}
