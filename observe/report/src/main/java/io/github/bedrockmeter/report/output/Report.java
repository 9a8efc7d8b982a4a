// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.SqlFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A report over fact tables: what was spent, by period and by what the request names. All sums are
 * the engine's, by the SQL in {@code report/output}.
 *
 * <pre>{@code
 * try (Report report = Report.over(tables, request)) {
 *   TextFormats.csv(report.table(), writer);
 * }
 * }</pre>
 *
 * <p>Confined to one thread. The tables must have their rows before, and stay open until it is
 * closed.
 */
public final class Report implements AutoCloseable {
  /** Calls that have no value of a dimension, such as untagged ones. */
  public static final String NONE = "(none)";

  private static final String FOLDER = "output/";

  private final FactTables tables;
  private final ReportRequest request;
  private final Queries queries;
  private final List<Period.Span> spans;
  private final List<Period.Span> earlier;

  private Report(
      FactTables tables,
      ReportRequest request,
      Queries queries,
      List<Period.Span> spans,
      List<Period.Span> earlier) {
    this.tables = tables;
    this.request = request;
    this.queries = queries;
    this.spans = spans;
    this.earlier = earlier;
  }

  /**
   * Chooses the calls of a report.
   *
   * @throws IllegalArgumentException if the request has more than 100,000 periods
   * @throws IllegalStateException if the engine refuses
   */
  public static Report over(FactTables tables, ReportRequest request) {
    Queries queries = Queries.open(tables);
    try {
      ReportRequest bounded = bounded(queries, request);
      Instant from = bounded.from();
      Instant to = bounded.to();
      if (from == null || to == null) { // there is no call, and no time was asked for
        from = Instant.EPOCH;
        to = Instant.EPOCH;
      }
      List<Period.Span> spans =
          from.isBefore(to) ? bounded.period().spans(from, to, bounded.zone()) : List.of();
      List<Period.Span> earlier =
          bounded.previous() && !spans.isEmpty() ? earlier(from, to, bounded) : List.of();
      Report report = new Report(tables, bounded, queries, spans, earlier);
      report.choose();
      return report;
    } catch (RuntimeException failure) {
      queries.close();
      throw failure;
    }
  }

  /** The request with the first and the last day that have a call where it names none. */
  private static ReportRequest bounded(Queries queries, ReportRequest request) {
    if (request.from() != null && request.to() != null) {
      return request;
    }
    Queries.Answer range = queries.file(FOLDER + "range");
    Long first = range.count(0, "first_micros");
    Long last = range.count(0, "last_micros");
    if (first == null || last == null) {
      return request;
    }
    Instant from = request.from();
    Instant to = request.to();
    if (from == null) {
      from = Period.DAY.floor(micros(first).atZone(request.zone())).toInstant();
    }
    if (to == null) {
      ZonedDateTime day = Period.DAY.floor(micros(last).atZone(request.zone()));
      to = day.toLocalDate().plusDays(1).atStartOfDay(request.zone()).toInstant();
    }
    // A time without calls, after the last one or before the first one, is empty.
    return request.between(from, from.isBefore(to) ? to : from.plus(Duration.ofDays(1)));
  }

  static Instant micros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** The time before: as many months where it is months, else as long. */
  private static List<Period.Span> earlier(Instant from, Instant to, ReportRequest request) {
    ZonedDateTime first = from.atZone(request.zone());
    ZonedDateTime end = to.atZone(request.zone());
    Instant before;
    if (isMonth(first) && isMonth(end)) {
      before = first.minusMonths(ChronoUnit.MONTHS.between(first, end)).toInstant();
    } else if (isDay(first) && isDay(end)) {
      long days = ChronoUnit.DAYS.between(first.toLocalDate(), end.toLocalDate());
      before = first.toLocalDate().minusDays(days).atStartOfDay(request.zone()).toInstant();
    } else {
      before = from.minus(Duration.between(from, to));
    }
    return request.period().spans(before, from, request.zone());
  }

  private static boolean isDay(ZonedDateTime at) {
    return at.equals(Period.DAY.floor(at));
  }

  private static boolean isMonth(ZonedDateTime at) {
    return at.equals(Period.MONTH.floor(at));
  }

  private void choose() {
    queries.text(
        """
        CREATE TEMP TABLE report_periods (
          n INTEGER NOT NULL, earlier BOOLEAN NOT NULL, starts TIMESTAMP NOT NULL,
          ends TIMESTAMP NOT NULL, label VARCHAR NOT NULL)\
        """);
    queries.text("CREATE TEMP TABLE report_filters (place INTEGER, tag VARCHAR, value VARCHAR)");
    queries.text("CREATE TEMP TABLE report_dimensions (place INTEGER, tag VARCHAR)");
    queries.periods(spans, earlier);
    List<Dimension> dimensions =
        request.filters().stream().map(ReportRequest.Filter::dimension).distinct().toList();
    for (ReportRequest.Filter filter : request.filters()) {
      queries.text(
          "INSERT INTO report_filters VALUES (?, ?, ?)",
          dimensions.indexOf(filter.dimension()),
          filter.dimension().tag(),
          filter.value());
    }
    StringBuilder conditions = new StringBuilder();
    for (int i = 0; i < dimensions.size(); i++) {
      conditions.append(
          "AND coalesce(%s, '%s') IN (SELECT value FROM report_filters WHERE place = %d)\n"
              .formatted(dimensions.get(i).expression("f" + i), NONE, i));
    }
    queries.text(
        SqlFiles.text(FOLDER + "scope")
            .replace("/*joins*/", joins(dimensions, "f", "report_filters"))
            .replace("/*filters*/", conditions));
  }

  private static String joins(List<Dimension> dimensions, String alias, String table) {
    return IntStream.range(0, dimensions.size())
        .mapToObj(i -> dimensions.get(i).join(alias + i, table, i))
        .collect(Collectors.joining());
  }

  /** The request, with the time it came to. */
  public ReportRequest request() {
    return request;
  }

  /** The periods, in their order; none if there is no call. */
  List<Period.Span> spans() {
    return spans;
  }

  /** How many periods the time before has: a month may have a day more than the one before. */
  int earlierPeriods() {
    return earlier.size();
  }

  Queries queries() {
    return queries;
  }

  /** The answer of a SQL file of the page. */
  Queries.Answer page(String file) {
    return queries.file(FOLDER + "page-" + file);
  }

  /** The rows that were asked for. */
  public ReportTable table() {
    return table(request.by(), request.top());
  }

  /** The same calls, grouped by something else. */
  ReportTable table(List<Dimension> by, int top) {
    group(by, top);
    Queries.Answer answer = queries.file(FOLDER + "rows");
    List<ReportTable.Row> rows = new ArrayList<>();
    ReportTable.Figures total = null;
    for (int i = 0; i < answer.size(); i++) {
      ReportTable.Figures figures = figures(answer, i);
      if (answer.number(i, "is_total") != 0) {
        total = figures;
        continue;
      }
      int period = Math.toIntExact(answer.number(i, "period"));
      Long others = answer.count(i, "others");
      rows.add(
          new ReportTable.Row(
              period,
              spans.get(period).label(),
              answer.texts(i, "keys"),
              others == null ? 0 : others,
              figures));
    }
    if (total == null) {
      throw new IllegalStateException("groups.sql has no total");
    }
    return new ReportTable(request.by(by, top), List.copyOf(rows), total);
  }

  private ReportTable.Figures figures(Queries.Answer answer, int row) {
    return new ReportTable.Figures(
        answer.number(row, "calls"),
        answer.count(row, "input_tokens"),
        answer.count(row, "output_tokens"),
        answer.count(row, "cache_read_tokens"),
        answer.count(row, "cache_write_tokens"),
        answer.dollars(row, "at_least_usd"),
        answer.number(row, "unpriced_calls"),
        request.previous()
            ? new ReportTable.Earlier(
                answer.number(row, "earlier_calls"),
                answer.dollars(row, "earlier_at_least_usd"),
                answer.dollars(row, "change_usd"),
                answer.number(row, "earlier_unpriced_calls"))
            : null);
  }

  private void group(List<Dimension> by, int top) {
    queries.text("DELETE FROM report_dimensions");
    for (int i = 0; i < by.size(); i++) {
      queries.text("INSERT INTO report_dimensions VALUES (?, ?)", i, by.get(i).tag());
    }
    String keys =
        IntStream.range(0, by.size())
            .mapToObj(i -> by.get(i).expression("d" + i))
            .collect(Collectors.joining(", "));
    int most = top == 0 ? Integer.MAX_VALUE - 1 : top;
    queries.text(
        SqlFiles.text(FOLDER + "groups")
            .replace("/*keys*/", keys)
            .replace("/*joins*/", joins(by, "d", "report_dimensions")),
        most,
        most,
        most,
        most);
  }

  /**
   * Writes the rows that were asked for into a Parquet file. Dollars are DECIMAL(38, 18).
   *
   * @throws UncheckedIOException if the file cannot be written
   */
  public void writeParquet(Path file) {
    group(request.by(), request.top());
    StringBuilder keys = new StringBuilder();
    for (int i = 0; i < request.by().size(); i++) {
      keys.append("keys[").append(i + 1).append("] AS ");
      keys.append(FactTables.name(request.by().get(i).name())).append(", ");
    }
    String earlier =
        request.previous()
            ? ", earlier_calls, earlier_at_least_usd, change_usd, earlier_unpriced_calls"
            : "";
    copy(
        SqlFiles.text(FOLDER + "parquet").replace("/*keys*/", keys).replace("/*earlier*/", earlier),
        "FORMAT parquet, COMPRESSION zstd",
        file);
  }

  /** Lets the engine write a query into a file of its own folder, and puts it where it belongs. */
  void copy(String query, String format, Path file) {
    Path written = tables.folder().resolve("report.out");
    queries.text(
        "COPY (" + query + ") TO " + FactTables.text(written.toString()) + " (" + format + ")");
    try {
      Files.copy(written, file, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(written);
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write " + file + ": " + failure, failure);
    }
  }

  /** Releases what the engine keeps for this report. */
  @Override
  public void close() {
    queries.close();
  }
}
