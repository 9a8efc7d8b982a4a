// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeriodTest {
  /** Its clock is put back and forward by half an hour. */
  private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");

  @Test
  void aClockThatIsPutBackByHalfAnHourHasHoursToo() {
    List<Period.Span> hours = hoursOf("2026-04-05");

    assertThat(hours).hasSize(25);
    assertThat(hours.stream().map(Period.Span::label))
        .startsWith(
            "2026-04-05T00:00+11:00",
            "2026-04-05T01:00+11:00",
            "2026-04-05T01:30+10:30",
            "2026-04-05T02:00+10:30")
        .endsWith("2026-04-05T23:00+10:30");
    assertFollowing(hours);
  }

  @Test
  void aClockThatIsPutForwardByHalfAnHourHasHoursToo() {
    List<Period.Span> hours = hoursOf("2026-10-04");

    assertThat(hours).hasSize(24);
    assertFollowing(hours);
  }

  @Test
  void hoursOfTenYearsFitIntoTheEngine() {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        writer.add(Facts.call("2016-10-05T12:00:00Z", "1", "m", Map.of()));
        writer.add(Facts.call("2026-10-05T12:00:00Z", "2", "m", Map.of()));
      }
      try (Report report = Report.over(tables, ReportRequest.ALL.withPeriod(Period.HOUR))) {
        assertThat(report.table().rows().stream().map(ReportTable.Row::periodLabel))
            .containsExactly("2016-10-05T12:00+00:00", "2026-10-05T12:00+00:00");
      }
    }
  }

  private static List<Period.Span> hoursOf(String day) {
    LocalDate date = LocalDate.parse(day);
    return Period.HOUR.spans(
        date.atStartOfDay(LORD_HOWE).toInstant(),
        date.plusDays(1).atStartOfDay(LORD_HOWE).toInstant(),
        LORD_HOWE);
  }

  private static void assertFollowing(List<Period.Span> spans) {
    Instant end = spans.get(0).starts();
    for (Period.Span span : spans) {
      assertThat(span.starts()).isEqualTo(end).isBefore(span.ends());
      end = span.ends();
    }
  }
}
