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

  /** Dollars a million tokens, in and out: nano-dollars a token are a thousand times as many. */
  private static final Map<String, String[]> RATES =
      Map.of(
          BIG, new String[] {"10", "50"},
          SMALL, new String[] {"0.2504", "1.2507"},
          NOVA, new String[] {"0.06", "0.24"});

  private static final String[] DEAREST = {"20", "60"};

  @Override
  public Cost costOf(PriceKey key, Usage usage) {
    return cost(RATES.get(key.modelId()), usage);
  }

  @Override
  public Cost conservativeCostOf(PriceKey key, Usage usage) {
    return cost(key.modelId().equals(UNPRICED) ? DEAREST : null, usage);
  }

  private static Cost cost(String @Nullable [] rates, Usage usage) {
    return rates == null
        ? new Cost.Unknown("no price")
        : Rates.builder("histories")
            .perMillion(Meter.INPUT, rates[0])
            .perMillion(Meter.OUTPUT, rates[1])
            .build()
            .costOf(usage);
  }

  /** What a call costs in nano-dollars, not rounded; null if nobody knows. */
  static @Nullable BigDecimal nanoUsd(String model, boolean conservative, long input, long output) {
    String[] rates = RATES.get(model);
    if (rates == null && conservative && model.equals(UNPRICED)) {
      rates = DEAREST;
    }
    return rates == null ? null : nano(rates[0], input).add(nano(rates[1], output));
  }

  private static BigDecimal nano(String rate, long tokens) {
    return new BigDecimal(rate).multiply(BigDecimal.valueOf(tokens)).movePointRight(3);
  }

  /** Whole nano-dollars, as a budget counts them. */
  static long roundedUp(BigDecimal nanoUsd) {
    return nanoUsd.setScale(0, RoundingMode.CEILING).longValueExact();
  }
}
