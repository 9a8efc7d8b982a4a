// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is not known is said to be unknown, and breaks no report. */
class UnknownSpendTest {
  @Test
  void aChangeAndAShareOfWhatHasNoPriceAreUnknownAndNotZero() {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        writer.add(Facts.call("2026-09-05T12:00:00Z", "2", "priced", Map.of()));
        writer.add(Facts.call("2026-10-05T12:00:00Z", "3", "priced", Map.of()));
        writer.add(unpriced("2026-09-06T12:00:00Z"));
        writer.add(unpriced("2026-10-06T12:00:00Z"));
      }
      ReportRequest october =
          ReportRequest.ALL
              .between(Instant.parse("2026-10-01T00:00:00Z"), Instant.parse("2026-11-01T00:00:00Z"))
              .withPeriod(Period.ALL);
      StringWriter page = new StringWriter();
      HtmlPage.write(tables, october, Instant.EPOCH, page);

      assertThat(row(page.toString(), "changes", "unpriced"))
          .containsExactly("unpriced", "unknown", "unknown", "unknown", "1", "1");
      assertThat(row(page.toString(), "changes", "priced")).element(3).isEqualTo("+$1.00");
      assertThat(row(page.toString(), "by-model", "unpriced"))
          .containsExactly("unpriced", "unknown", "unknown", "1");
    }
  }

  @Test
  void aTimeThatCannotBeIsARowAndNoFailure() {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        writer.add(Facts.call("2026-10-05T12:00:00Z", "3", "priced", Map.of()));
        writer.add(Facts.call("9999-12-31T23:59:59Z", "4", "priced", Map.of()));
        writer.add(Facts.call("1970-01-01T00:00:00Z", "5", "priced", Map.of()));
      }
      try (Report report = Report.over(tables, ReportRequest.ALL)) {
        assertThat(report.table().total().atLeastUsd()).isEqualByComparingTo("12");
        assertThat(report.table().rows()).hasSize(3);
      }
    }
  }

  /** The texts of the cells of a table's row. */
  private static List<String> row(String page, String section, String name) {
    int from = page.indexOf("<section id=\"" + section);
    String table = page.substring(from, page.indexOf("</section>", from));
    for (String row : table.split("<tr", -1)) {
      List<String> cells =
          List.of(row.split("</t[dh]>", -1)).stream()
              .map(cell -> cell.replaceAll("^[^<]*>", "").replaceAll("<[^>]*>", "").strip())
              .toList();
      if (cells.get(0).equals(name)) {
        return cells.subList(0, cells.size() - 1);
      }
    }
    throw new AssertionError("no row of " + name + " in " + table);
  }

  private static CallFacts unpriced(String time) {
    return Facts.unpriced(time, "0", "unpriced", "no price", List.of());
  }
}
