// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.pricing.CatalogLayer.Highest;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HighestRatesTest {
  private static RateRow row(int usd, @Nullable LocalDate from, @Nullable LocalDate to) {
    return new RateRow(
        "acme.model-" + usd,
        Endpoint.RUNTIME,
        Set.of(PriceScope.IN_REGION),
        List.of("*"),
        "standard",
        0,
        "",
        from,
        to,
        RateRow.Status.CONFIRMED,
        RateRow.Unit.MILLION_TOKENS,
        Map.of(Meter.INPUT, BigDecimal.valueOf(usd)),
        "A",
        "2026-11",
        List.of("source"),
        null);
  }

  private static BigDecimal on(List<Highest> all, LocalDate day) {
    Instant at = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return all.stream().filter(rate -> rate.holdsAt(at)).findFirst().orElseThrow().usd();
  }

  @Test
  void aRateThatAnotherExceedsForATimeIsTheHighestBeforeAndAfterIt() {
    LocalDate from = LocalDate.of(2026, 3, 1);
    LocalDate to = LocalDate.of(2026, 4, 1);

    List<Highest> all = HighestRates.of(List.of(row(10, null, null), row(20, from, to)));

    assertThat(all).hasSize(3);
    assertThat(on(all, from.minusDays(1))).isEqualByComparingTo("10");
    assertThat(on(all, from)).isEqualByComparingTo("20");
    assertThat(on(all, to)).isEqualByComparingTo("10");
  }
}
