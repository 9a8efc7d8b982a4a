// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReconcileTotalsTest {
  @Test
  void totalsAreOfThePeriodAndOfAllThatIsCertain() {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        for (String source : List.of(CallFacts.Origin.LOG, CallFacts.Origin.JOURNAL)) {
          writer.add(call(source, "r-1", "2026-09-30T23:59:59Z", "8", "8"));
          writer.add(call(source, "r-2", "2026-10-01T00:00:00Z", "2", "2"));
          writer.add(call(source, "r-3", "2026-10-31T23:59:59Z", null, "0.25"));
          writer.add(call(source, "r-4", "2026-11-01T00:00:00Z", "16", "16"));
        }
      }
      LogReconciliation.Totals totals =
          LogReconciliation.of(
                  tables,
                  Instant.parse("2026-10-01T00:00:00Z"),
                  Instant.parse("2026-11-01T00:00:00Z"))
              .totals();

      assertThat(totals.matched()).isEqualTo(2);
      assertThat(totals.logCalls()).isEqualTo(2);
      assertThat(totals.journalCalls()).isEqualTo(2);
      assertThat(totals.logUnpriced()).isEqualTo(1);
      assertThat(totals.awsUsd()).isEqualByComparingTo("2.25");
      assertThat(totals.oursUsd()).isEqualByComparingTo("2.25");
      assertThat(totals.from()).isEqualTo("2026-10-01 00:00:00");
    }
  }

  private static CallFacts call(
      String source, String request, String time, @Nullable String usd, String atLeast) {
    String model = "amazon.nova-lite-v1:0";
    return new CallFacts(
        new CallFacts.Origin(source, null, null),
        new CallFacts.Identity(
            request, "c-" + request, Instant.parse(time), null, "us-east-1", null, null),
        new CallFacts.Model("Converse", model, model, model, null, null, null, "standard"),
        new CallFacts.Outcome(
            CallFacts.Outcome.COMPLETED, null, null, null, null, null, "REPORTED", 1),
        new CallFacts.Counts(1L, 1L, 0L, 0L, 2L, "BODY"),
        new CallFacts.Money(
            usd == null ? null : new BigDecimal(usd),
            new BigDecimal(atLeast),
            usd == null ? "one meter has no price" : null,
            "test",
            10L,
            20L,
            null),
        null,
        new CallFacts.Details(List.of(), Map.of()));
  }
}
