// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reprice;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call of the journal whose cost is unknown. Immutable.
 *
 * @param counts units by the meter's name
 */
record UnpricedCall(
    String callId,
    Instant startedAt,
    String modelId,
    @Nullable String answeredBy,
    @Nullable String region,
    String tier,
    Before before,
    Map<String, Long> counts) {

  /**
   * What was stored.
   *
   * @param reason why it had no price
   * @param anomalies JSON, as the journal has it
   */
  record Before(
      BigDecimal atLeastUsd,
      @Nullable String reason,
      @Nullable String priceBook,
      @Nullable String anomalies) {}

  /** Reasons of the meter that no price book can remove: the counts are not whole. */
  private boolean isUsageUnknown() {
    String reason = before.reason() == null ? "" : before.reason();
    String anomalies = before.anomalies() == null ? "" : before.anomalies();
    return counts.isEmpty()
        || anomalies.contains('"' + Usage.Anomaly.Kind.USAGE_MISSING.name() + '"')
        || reason.startsWith("it is unknown how much was used of")
        || reason.startsWith("the record reports no usage");
  }

  /** What it costs by a price book. */
  Cost costBy(PriceBook prices) {
    if (isUsageUnknown()) {
      return new Cost.Unknown("its usage is not known");
    }
    Usage.Builder usage = Usage.builder(Usage.Source.BODY);
    try {
      counts.forEach((name, units) -> usage.count(new Meter(name), units));
    } catch (IllegalArgumentException other) {
      return new Cost.Unknown("it has a count that this version does not know");
    }
    PriceKey key = new PriceKey(modelId, region, tier, startedAt);
    Cost cost = prices.costOf(key, usage.build());
    return cost instanceof Cost.Unknown && answeredBy != null
        ? prices.costOf(key.withModelId(answeredBy), usage.build())
        : cost;
  }
}
