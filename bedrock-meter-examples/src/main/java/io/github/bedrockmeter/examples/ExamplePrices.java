// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import java.util.Map;

/** Where the examples take their prices from. */
final class ExamplePrices {
  private ExamplePrices() {}

  /** Prices of the models the examples call, in US dollars per million tokens in us-east-1. */
  static PriceBook catalogue() {
    return PriceBook.of(
        Map.of(
            Chats.NOVA_LITE,
            Rates.builder("examples")
                .perMillion(Meter.INPUT, "0.06")
                .perMillion(Meter.OUTPUT, "0.24")
                .perMillion(Meter.CACHE_READ, "0.015")
                .build(),
            Chats.CLAUDE_SONNET,
            Rates.builder("examples")
                .perMillion(Meter.INPUT, "3.30")
                .perMillion(Meter.OUTPUT, "16.50")
                .perMillion(Meter.CACHE_READ, "0.33")
                .perMillion(Meter.CACHE_WRITE_5M, "4.125")
                .perMillion(Meter.CACHE_WRITE_1H, "6.60")
                .build()));
  }
}
