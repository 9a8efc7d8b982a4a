// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FOCUS and the other formats have one total, whatever is known of a call's price. */
class FocusTotalTest {
  private static final String MODEL = "amazon.nova-lite-v1:0";

  @TempDir Path folder;

  @Test
  void theCertainPartOfACallWithoutAWholePriceIsInFocusToo() throws Exception {
    Path file = folder.resolve("focus.csv");
    BigDecimal total;
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        writer.add(Facts.call("2026-10-01T10:00:00Z", "2", MODEL, Map.of("team", "search")));
        writer.add(partly("2026-10-01T11:00:00Z", "0.000000000000000003"));
        writer.add(partly("2026-10-01T12:00:00Z", "0.5"));
        writer.add(partly("2026-10-02T12:00:00Z", "0"));
      }
      try (Report report = Report.over(tables, ReportRequest.ALL.withPeriod(Period.DAY))) {
        total = report.table().total().atLeastUsd();
        new FocusExport("123456789012", null).write(report, file);
      }
    }

    List<Map<String, String>> rows = CsvRows.of(Files.readString(file));
    assertThat(FocusSpecification.broken(rows)).isEmpty();
    assertThat(total).isEqualByComparingTo("2.500000000000000003");
    assertThat(
            rows.stream()
                .map(row -> new BigDecimal(row.getOrDefault("BilledCost", "")))
                .reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualByComparingTo(total);
    assertThat(rows)
        .filteredOn(row -> row.getOrDefault("BilledCost", "").startsWith("0.5"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("ChargeDescription"))
                  .isEqualTo(MODEL + " known part, standard, in-region, price known in part");
              assertThat(row.get("x_UnpricedReason")).isEqualTo("one meter has no price");
              assertThat(row.get("x_ConsumedTokens")).isEmpty();
              assertThat(row.get("SkuPriceId")).isEmpty();
            });
  }

  /** A call of which only a part has a price; its charges do not say which. */
  private static CallFacts partly(String time, String atLeast) {
    return Facts.unpriced(
        time,
        atLeast,
        MODEL,
        "one meter has no price",
        List.of(new CallFacts.Charge("output", 1, "BODY", null, null, null, null, null)));
  }
}
