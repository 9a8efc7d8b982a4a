// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One catalogue, of which the figures of a model are asked for one at a time. Thread-safe. */
interface CatalogLayer {
  /**
   * The highest rate of a meter for a time.
   *
   * @param usd US dollars for {@code per} units of the meter
   * @param from first instant it holds, in milliseconds since the epoch
   * @param to end, exclusive
   */
  record Highest(Meter meter, BigDecimal usd, long per, long from, long to, String provenance) {
    boolean holdsAt(Instant at) {
      long millis = at.toEpochMilli();
      return from <= millis && millis < to;
    }

    BigDecimal usdPerUnit() {
      return usd.movePointLeft(Long.toString(per).length() - 1);
    }
  }

  String version();

  /** The day the whole table was last compared with its sources; single rows may be later. */
  LocalDate asOf();

  /** Profile prefixes and the scope they stand for. */
  Map<String, PriceScope> geoPrefixes();

  /** Tier to its documented ratio of the standard rate. */
  Map<String, BigDecimal> tierRatios();

  /** Family to the ratio of each cache meter to the input rate. */
  Map<String, Map<Meter, BigDecimal>> families();

  /** What is known of each model besides its prices. */
  Map<String, CatalogModel> models();

  /** The models that have rows, and the variants among them. */
  Map<String, Set<String>> variants();

  /** Every row of a model; empty if there is none. */
  List<RateRow> rowsOf(String model);

  /**
   * The rates among which each meter's highest is, of any model, region and tier of a provider.
   *
   * @param provider null for all providers
   */
  List<Highest> highest(@Nullable String provider);
}
