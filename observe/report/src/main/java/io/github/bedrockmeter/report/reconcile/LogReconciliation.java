// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.facts.SqlFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * AWS's invocation log against the usage journal, call by call. Both are read into the tables
 * first:
 *
 * <pre>{@code
 * LogFolder.of(List.of(logs)).readInto(tables, lines, progress);
 * JournalDatabase.of(database).readInto(tables, from, to, progress);
 * LogReconciliation done = LogReconciliation.of(tables, from, to);
 * done.kinds().forEach(System.out::println);
 * }</pre>
 *
 * <p>Calls are joined by Bedrock's request id, and by the call id that the meter stamped into the
 * request where the meter saw no answer. The SQL is in the files {@code reconcile/*.sql}, and the
 * table {@code differences} has every difference. Confined to the tables' thread.
 */
public final class LogReconciliation {
  private final FactTables tables;
  private final Totals totals;
  private final List<Kind> kinds;
  private final BigDecimal grossUsd;
  private final long unknown;

  private LogReconciliation(FactTables tables) {
    this.tables = tables;
    this.totals = totals(tables);
    this.kinds = kinds(tables);
    Rows judgement = tables.query("reconcile/judgement");
    this.grossUsd = usd(judgement, 0, "gross_usd");
    this.unknown = number(judgement, 0, "unknown");
  }

  /**
   * Compares what is in the tables.
   *
   * @param from only calls from then on; null: from the first full hour of the log
   * @param until only calls before then; null: until the last full hour of the log ends
   * @throws IllegalArgumentException if the period is empty
   */
  public static LogReconciliation of(
      FactTables tables, @Nullable Instant from, @Nullable Instant until) {
    if (from != null && until != null && !from.isBefore(until)) {
      throw new IllegalArgumentException(
          "the period must end after it begins: " + from + " to " + until);
    }
    tables.run(
        "CREATE OR REPLACE TABLE period AS SELECT CAST(? AS TIMESTAMP) AS from_time, CAST(? AS"
            + " TIMESTAMP) AS until_time",
        from,
        until);
    tables.execute("reconcile/match");
    tables.execute("reconcile/differences");
    return new LogReconciliation(tables);
  }

  /**
   * Both sides as wholes.
   *
   * @param from inclusive, UTC; null if the log is empty
   * @param until exclusive
   * @param matched records of the period that both saw
   * @param logCalls records of the log, each request once
   * @param awsUsd what the log's counts cost, as far as it is certain
   * @param logUnpriced records whose cost is unknown
   * @param journalCalls calls of the meter
   * @param oursUsd what the meter says they cost, as far as it is certain
   * @param journalUnpriced calls whose cost is unknown
   */
  public record Totals(
      @Nullable String from,
      @Nullable String until,
      long matched,
      long logCalls,
      BigDecimal awsUsd,
      long logUnpriced,
      long journalCalls,
      BigDecimal oursUsd,
      long journalUnpriced) {}

  /**
   * The differences of one kind, as {@code reconcile/differences.sql} explains them. Sums are of
   * those whose dollars are known, and null where there are none.
   *
   * @param name such as {@code unmetered}
   * @param calls how many there are
   * @param oursUsd by the meter
   * @param awsUsd by the log's counts
   * @param differenceUsd what AWS's log has more
   * @param unknown how many have unknown dollars
   */
  public record Kind(
      String name,
      long calls,
      @Nullable BigDecimal oursUsd,
      @Nullable BigDecimal awsUsd,
      @Nullable BigDecimal differenceUsd,
      long unknown) {}

  /** Both sides as wholes. */
  public Totals totals() {
    return totals;
  }

  /** Every kind, those without a difference too. */
  public List<Kind> kinds() {
    return kinds;
  }

  /** The sum of all differences without their signs, so that one does not hide another. */
  public BigDecimal grossUsd() {
    return grossUsd;
  }

  /** How many differences have unknown dollars, and leave open how large the whole is. */
  public long unknown() {
    return unknown;
  }

  /**
   * Whether the difference passes a tolerance: it is larger, or a part of it is unknown, which may
   * be anything.
   */
  public boolean passes(Tolerance tolerance) {
    return unknown > 0 || grossUsd.compareTo(tolerance.usdOf(totals.awsUsd())) > 0;
  }

  /** Who calls without the meter, the most expensive first. */
  public Rows unmetered(int most) {
    return tables.query("reconcile/unmetered", most);
  }

  /** What was read and is no record, by reason. */
  public Rows skipped() {
    return tables.query("reconcile/skipped");
  }

  /**
   * Writes every difference, as CSV and as JSON, one object a line.
   *
   * @return the files {@code differences.csv} and {@code differences.jsonl}
   * @throws UncheckedIOException if the folder cannot be written
   */
  public List<Path> writeTo(Path folder) {
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      String all = SqlFiles.text("reconcile/export");
      String cells = SqlFiles.text("reconcile/export-csv").replace("/*export*/", all);
      for (String format : List.of("csv", "jsonl")) {
        Path made = tables.folder().resolve("differences." + format);
        boolean isCsv = format.equals("csv");
        tables.run(
            "COPY (%s) TO %s (%s)"
                .formatted(
                    isCsv ? cells : all,
                    FactTables.text(made.toString()),
                    isCsv ? "FORMAT csv, HEADER" : "FORMAT json"));
        Path file = folder.resolve(made.getFileName());
        Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
        written.add(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot write into " + folder + ": " + failure.getMessage(), failure);
    }
    return List.copyOf(written);
  }

  private static Totals totals(FactTables tables) {
    Rows row = tables.query("reconcile/totals");
    return new Totals(
        time(row, "from_time"),
        time(row, "until_time"),
        number(row, 0, "matched"),
        number(row, 0, "log_calls"),
        usd(row, 0, "aws_usd"),
        number(row, 0, "log_unpriced"),
        number(row, 0, "journal_calls"),
        usd(row, 0, "ours_usd"),
        number(row, 0, "journal_unpriced"));
  }

  private static @Nullable String time(Rows row, String column) {
    return row.get(0, column) instanceof Timestamp time ? Rows.text(time) : null;
  }

  private static List<Kind> kinds(FactTables tables) {
    Rows rows = tables.query("reconcile/summary");
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      kinds.add(
          new Kind(
              String.valueOf(rows.get(i, "kind")),
              number(rows, i, "calls"),
              (BigDecimal) rows.get(i, "ours_usd"),
              (BigDecimal) rows.get(i, "aws_usd"),
              (BigDecimal) rows.get(i, "difference_usd"),
              number(rows, i, "unknown_usd")));
    }
    return List.copyOf(kinds);
  }

  private static long number(Rows rows, int row, String column) {
    return ((Number) Objects.requireNonNull(rows.get(row, column), column)).longValue();
  }

  private static BigDecimal usd(Rows rows, int row, String column) {
    return (BigDecimal) Objects.requireNonNull(rows.get(row, column), column);
  }
}
