// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");

  @TempDir Path folder;

  private final FactTables tables = FactTables.open(FactTables.Options.defaults());

  @AfterEach
  void close() {
    tables.close();
  }

  private void add(String time, String usd, String model, String... tag) {
    try (FactWriter writer = tables.writer()) {
      writer.add(Facts.call(time, usd, model, tag.length == 0 ? Map.of() : Map.of(tag[0], tag[1])));
    }
  }

  private ReportTable table(ReportRequest request) {
    try (Report report = Report.over(tables, request)) {
      return report.table();
    }
  }

  private static ReportRequest request(Period period, ZoneId zone, String... by) {
    return request(period, zone, null, null, 0, false, by);
  }

  private static ReportRequest request(
      Period period,
      ZoneId zone,
      @Nullable String from,
      @Nullable String to,
      int top,
      boolean previous,
      String... by) {
    return new ReportRequest(
        List.of(by).stream().map(Dimension::of).toList(),
        period,
        from == null ? null : Instant.parse(from),
        to == null ? null : Instant.parse(to),
        List.of(),
        top,
        zone,
        previous);
  }

  private static List<String> labelled(ReportTable table) {
    return table.rows().stream()
        .map(row -> row.periodLabel() + " " + Amounts.exact(row.figures().atLeastUsd()))
        .toList();
  }

  @Test
  void aDayEndsAtMidnightOfItsZoneAlsoWhenTheClockIsPutBack() {
    add("2026-10-24T21:59:59.999999Z", "1", "m"); // 23:59 in Berlin
    add("2026-10-24T22:00:00Z", "2", "m"); // midnight
    add("2026-10-25T22:59:59.999999Z", "4", "m"); // the day has 25 hours
    add("2026-10-25T23:00:00Z", "8", "m");

    assertThat(labelled(table(request(Period.DAY, BERLIN))))
        .containsExactly("2026-10-24 1.00", "2026-10-25 6.00", "2026-10-26 8.00");
    assertThat(labelled(table(request(Period.DAY, ZoneOffset.UTC))))
        .containsExactly("2026-10-24 3.00", "2026-10-25 12.00");
  }

  @Test
  void anHourThatComesTwiceIsTwoHours() {
    add("2026-10-25T00:30:00Z", "1", "m"); // 02:30 summer time
    add("2026-10-25T01:30:00Z", "2", "m"); // 02:30 winter time

    assertThat(labelled(table(request(Period.HOUR, BERLIN))))
        .containsExactly("2026-10-25T02:00+02:00 1.00", "2026-10-25T02:00+01:00 2.00");
  }

  @Test
  void anHourThatIsLeftOutAndAnOffsetOfHalfAnHour() {
    add("2026-03-29T00:30:00Z", "1", "m"); // 01:30
    add("2026-03-29T01:00:00Z", "2", "m"); // 03:00, since 02:00 does not exist
    add("2026-03-29T21:59:59Z", "4", "m"); // the day has 23 hours
    assertThat(labelled(table(request(Period.HOUR, BERLIN))))
        .containsExactly(
            "2026-03-29T01:00+01:00 1.00",
            "2026-03-29T03:00+02:00 2.00",
            "2026-03-29T23:00+02:00 4.00");
    assertThat(labelled(table(request(Period.DAY, BERLIN)))).containsExactly("2026-03-29 7.00");

    assertThat(table(request(Period.HOUR, LORD_HOWE)).rows()).hasSize(3);
    assertThat(table(request(Period.HOUR, LORD_HOWE)).total().atLeastUsd())
        .isEqualByComparingTo("7");
  }

  @Test
  void untaggedCallsAreNeverLost() {
    add("2026-10-01T00:00:00Z", "1", "m", "team", "search");
    add("2026-10-01T00:00:01Z", "2.5", "m");

    ReportTable table = table(request(Period.MONTH, ZoneOffset.UTC, "tag:team"));

    assertThat(table.rows())
        .extracting(row -> row.shown(0), row -> Amounts.exact(row.figures().atLeastUsd()))
        .containsExactly(tuple("(none)", "2.50"), tuple("search", "1.00"));
  }

  @Test
  void whatIsNotOnTopSharesOneRowAndNoSumChanges() {
    for (int i = 0; i < 9; i++) {
      add("2026-10-01T00:00:0" + i + "Z", "0.000000000" + (i + 1), "m" + i);
    }

    ReportTable table = table(request(Period.MONTH, ZoneOffset.UTC, null, null, 2, false, "model"));

    assertThat(table.rows())
        .extracting(row -> row.shown(0))
        .containsExactly("m8", "m7", "(others, 7)");
    BigDecimal sum =
        table.rows().stream()
            .map(row -> row.figures().atLeastUsd())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(sum)
        .isEqualByComparingTo("0.0000000045")
        .isEqualByComparingTo(table.total().atLeastUsd());
  }

  @Test
  void aTagIsDataAndNeverSql() {
    String name = "te'am\" OR 1=1 --";
    add("2026-10-01T00:00:00Z", "1", "m", name, "a');DROP TABLE calls;--");
    add("2026-10-01T00:00:01Z", "2", "m");
    Dimension dimension = Dimension.of("tag:" + name);

    ReportTable table =
        table(
            new ReportRequest(
                List.of(dimension),
                Period.ALL,
                null,
                null,
                List.of(new ReportRequest.Filter(dimension, "a');DROP TABLE calls;--")),
                0,
                ZoneOffset.UTC,
                false));

    assertThat(table.rows())
        .extracting(row -> row.shown(0))
        .containsExactly("a');DROP TABLE calls;--");
    assertThat(table.total().atLeastUsd()).isEqualByComparingTo("1");
  }

  @Test
  void filtersOfOneDimensionAreAlternativesAndDimensionsMustAllMatch() {
    add("2026-10-01T00:00:00Z", "1", "m", "team", "search");
    add("2026-10-01T00:00:01Z", "2", "m", "team", "support");
    add("2026-10-01T00:00:02Z", "4", "m");
    add("2026-10-01T00:00:03Z", "8", "n", "team", "search");

    assertThat(filtered("tag:team=search", "tag:team=support")).isEqualByComparingTo("11");
    assertThat(filtered("tag:team=search", "tag:team=(none)", "model=m")).isEqualByComparingTo("5");
    assertThat(filtered("region=eu-west-1")).isEqualByComparingTo("0");
  }

  private BigDecimal filtered(String... filters) {
    return table(
            new ReportRequest(
                List.of(),
                Period.ALL,
                null,
                null,
                List.of(filters).stream().map(ReportRequest.Filter::of).toList(),
                0,
                ZoneOffset.UTC,
                false))
        .total()
        .atLeastUsd();
  }

  @Test
  void theTimeBeforeAMonthIsTheMonthBefore() {
    add("2026-09-01T00:00:00Z", "1", "m");
    add("2026-09-30T23:59:59Z", "2", "n");
    add("2026-10-05T00:00:00Z", "4", "m");
    add("2026-08-31T23:59:59Z", "8", "m");

    ReportTable table =
        table(
            request(
                Period.MONTH,
                ZoneOffset.UTC,
                "2026-10-01T00:00:00Z",
                "2026-11-01T00:00:00Z",
                0,
                true,
                "model"));

    assertThat(table.total().atLeastUsd()).isEqualByComparingTo("4");
    assertThat(table.total().earlier())
        .isEqualTo(new ReportTable.Earlier(2, new BigDecimal("3"), new BigDecimal("1"), 0));
    assertThat(table.rows()).extracting(row -> row.shown(0)).containsExactly("m", "n");
  }

  @Test
  void theDaysOfALongerMonthBeforeAreBesideTheLastDay() throws Exception {
    add("2026-01-28T12:00:00Z", "1", "m");
    add("2026-01-29T12:00:00Z", "2", "m");
    add("2026-01-31T12:00:00Z", "4", "m");
    add("2026-02-28T12:00:00Z", "16", "m");
    ReportRequest february =
        request(
            Period.DAY,
            ZoneOffset.UTC,
            "2026-02-01T00:00:00Z",
            "2026-03-01T00:00:00Z",
            0,
            true,
            "model");

    ReportTable table = table(february);

    assertThat(labelled(table)).containsExactly("2026-02-28 16.00");
    assertThat(table.rows().get(0).figures().earlier())
        .isEqualTo(new ReportTable.Earlier(3, new BigDecimal("7"), new BigDecimal("9"), 0))
        .isEqualTo(table.total().earlier());
    Path parquet = folder.resolve("february.parquet");
    try (Report report = Report.over(tables, february)) {
      report.writeParquet(parquet);
    }
    try (FactTables reader = FactTables.open(FactTables.Options.defaults().withFiles(parquet))) {
      assertThat(
              reader
                  .ask(
                      "SELECT period, earlier_calls FROM read_parquet("
                          + FactTables.text(parquet.toString())
                          + ")")
                  .rows())
          .containsExactly(List.of("2026-02-28", 3L));
    }
    StringWriter page = new StringWriter();
    HtmlPage.write(tables, february, Instant.EPOCH, page);
    assertThat(page.toString()).contains("February 2026", "$7.00");
  }

  @Test
  void whatWasChangedLaterDoesNotStretchTheTime() {
    add("2026-10-05T12:00:00Z", "1", "m");
    try (FactWriter writer = tables.writer()) {
      writer.add(Facts.event("2026-10-06T12:00:00Z", "DENIED"));
      writer.add(Facts.event("2026-12-24T12:00:00Z", "REPRICED"));
      writer.add(Facts.event("2026-12-25T12:00:00Z", "GRANTED"));
    }
    try (Report report = Report.over(tables, request(Period.DAY, ZoneOffset.UTC))) {
      assertThat(report.request().from()).isEqualTo("2026-10-05T00:00:00Z");
      assertThat(report.request().to()).isEqualTo("2026-10-07T00:00:00Z");
    }
  }

  @Test
  void whatTheCacheSavedIsUnknownWithoutAPriceAndNeverZero() {
    try (FactWriter writer = tables.writer()) {
      writer.add(Facts.cached("2026-10-05T12:00:00Z", "n", null));
    }
    assertThat(page()).contains("<dt>Saved by the prompt cache</dt><dd>unknown<");
    assertThat(cacheRow("n"))
        .isEqualTo(Arrays.asList(null, new BigDecimal("0"), null, new BigDecimal("0"), 1L, 0L));

    try (FactWriter writer = tables.writer()) {
      writer.add(Facts.cached("2026-10-05T12:00:01Z", "m", "0.1"));
    }
    assertThat(page()).contains("<dt>Saved by the prompt cache</dt><dd>at least $0.90");
    assertThat(cacheRow("m"))
        .isEqualTo(
            Arrays.asList(
                new BigDecimal("0.9"),
                new BigDecimal("0"),
                new BigDecimal("0.9"),
                new BigDecimal("0"),
                0L,
                0L));
  }

  private String page() {
    StringWriter page = new StringWriter();
    HtmlPage.write(tables, ReportRequest.ALL.withPeriod(Period.ALL), Instant.EPOCH, page);
    return page.toString();
  }

  private List<@Nullable Object> cacheRow(String model) {
    try (Report report = Report.over(tables, ReportRequest.ALL.withPeriod(Period.ALL))) {
      report.queries().file("output/cache");
      Queries.Answer cache = report.page("cache");
      for (int i = 0; i < cache.size(); i++) {
        if (model.equals(cache.text(i, "model"))) {
          return Arrays.asList(
              cache.amount(i, "saved_usd"),
              cache.amount(i, "write_extra_usd"),
              cache.amount(i, "net_usd"),
              cache.amount(i, "wasted_usd"),
              cache.count(i, "unknown_reads"),
              cache.count(i, "unknown_writes"));
        }
      }
      throw new AssertionError("no row of " + model);
    }
  }

  @Test
  void noCallsAreAnEmptyReport() {
    ReportTable table = table(request(Period.MONTH, ZoneOffset.UTC, "model"));

    assertThat(table.rows()).isEmpty();
    assertThat(table.total().calls()).isZero();
    StringWriter page = new StringWriter();
    HtmlPage.write(tables, ReportRequest.ALL.withPeriod(Period.ALL), Instant.EPOCH, page);
    assertThat(page.toString()).contains("no calls");
  }

  @Test
  void aTableFitsItsWidthAndBreaksNoNumber() {
    add(
        "2026-10-01T00:00:00Z",
        "1234.567890123",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "team",
        "a team whose name goes on");
    add("2026-10-01T00:00:01Z", "0.5", "m", "team", "\u001b[31mred");
    ReportTable table = table(request(Period.MONTH, ZoneOffset.UTC, "tag:team", "model"));

    for (int width : List.of(60, 80, 200)) {
      String shown = shown(table, width);
      assertThat(shown.lines()).allMatch(line -> line.length() <= width);
      assertThat(shown).contains("1234.567890123", "   0.500000000", "1235.067890123");
      assertThat(shown).doesNotContain("\u001b");
    }
    assertThat(shown(table, 30)).contains("1234.567890123").contains("team");
  }

  private static String shown(ReportTable table, int width) {
    StringWriter out = new StringWriter();
    TerminalTable.write(table, width, new PrintWriter(out, true));
    return out.toString();
  }

  @Test
  void aSpreadsheetTakesNoTextForAFormula() {
    for (String formula : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")) {
      assertThat(TextFormats.csvText(formula)).matches("(?s)\"?'.*");
    }
    assertThat(TextFormats.csvText("a,\"b\"\nc")).isEqualTo("\"a,\"\"b\"\"\nc\"");
    assertThat(TextFormats.csvText("plain")).isEqualTo("plain");
    add("2026-10-01T00:00:00Z", "0.0000001", "m", "team", "=1+1");
    StringWriter out = new StringWriter();
    TextFormats.csv(table(request(Period.MONTH, ZoneOffset.UTC, "tag:team")), out);
    assertThat(out.toString()).contains("2026-10,'=1+1,1,0,1,0,0,0.0000001,0\r\n");
  }

  @Test
  void aMisspeltDimensionIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> Dimension.of("tags:team"))
        .hasMessageContaining("did you mean 'tag:team'?");
    assertThatThrownBy(() -> Dimension.of("modle")).hasMessageContaining("did you mean 'model'?");
    assertThatThrownBy(() -> Dimension.of("tag:")).hasMessageContaining("as tag:team");
    assertThatThrownBy(() -> ReportRequest.Filter.of("tag:team"))
        .hasMessageContaining("tag:team=search");
  }
}
