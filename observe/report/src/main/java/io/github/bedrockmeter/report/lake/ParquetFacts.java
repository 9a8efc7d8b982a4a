// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.lake;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.facts.SqlFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes facts as Parquet files in folders that engines over files understand, such as Athena,
 * Spark and DuckDB:
 *
 * <pre>
 * calls/day=2026-10-01/account_id=123456789012/*.parquet
 * skipped/skipped.parquet
 * </pre>
 *
 * <p>{@code lake/calls.sql} explains the columns. Dollars are DECIMAL(38, 18), times are UTC in
 * microseconds. No text of a prompt or an answer is in them. Stateless.
 */
public final class ParquetFacts {
  private ParquetFacts() {}

  /** How many calls were written, and how many things that are none. */
  public record Written(long calls, long skipped) {}

  /**
   * Checks and makes the folder to write into; the tables' options must name it.
   *
   * @throws IllegalArgumentException if it has files, or is one
   * @throws UncheckedIOException if it cannot be made
   */
  public static void prepare(Path folder) {
    try {
      if (Files.exists(folder) && !Files.isDirectory(folder)) {
        throw new IllegalArgumentException("must be a folder: " + folder + " is a file");
      }
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new IllegalArgumentException(
              "must be a new or empty folder, since rows of two exports would be counted together: "
                  + folder
                  + " has files");
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot make the folder " + folder + ": " + failure.getMessage(), failure);
    }
  }

  /**
   * Writes the calls of a time, and what was skipped.
   *
   * @param tables opened with {@link FactTables.Options#withFiles} of the folder
   * @param folder as {@link #prepare} left it
   * @param by what the calls are divided by, the outermost folder first
   * @param from inclusive; null: from the first
   * @param to exclusive; null: to the last
   * @throws IllegalArgumentException if nothing or one thing twice divides them
   * @throws IllegalStateException if the engine cannot write
   */
  public static Written write(
      FactTables tables,
      Path folder,
      List<Partition> by,
      @Nullable Instant from,
      @Nullable Instant to) {
    if (by.isEmpty() || by.stream().distinct().count() < by.size()) {
      throw new IllegalArgumentException(
          "facts must be divided by one to three different things, such as day,account: "
              + by.stream().map(Partition::column).toList());
    }
    String during = during(from, to);
    String calls = SqlFiles.text("lake/calls").replace("/*period*/", during);
    String folders = by.stream().map(Partition::selected).collect(Collectors.joining(", "));
    String columns = by.stream().map(Partition::column).collect(Collectors.joining(", "));
    tables.run(
        "COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (%s))"
            .formatted(
                calls.replace("SELECT c.*,", "SELECT c.*, " + folders + ","),
                FactTables.text(folder.resolve("calls").toAbsolutePath().toString()),
                columns));
    tables.run(
        "COPY (SELECT * FROM skipped ORDER BY file, line) TO %s (FORMAT parquet, COMPRESSION zstd)"
            .formatted(FactTables.text(skippedFile(folder).toAbsolutePath().toString())));
    return new Written(count(tables, "calls c WHERE " + during), count(tables, "skipped"));
  }

  private static Path skippedFile(Path folder) {
    try {
      return Files.createDirectories(folder.resolve("skipped")).resolve("skipped.parquet");
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot make the folder " + folder + ": " + failure.getMessage(), failure);
    }
  }

  private static String during(@Nullable Instant from, @Nullable Instant to) {
    return (from == null ? "true" : "c.time >= " + time(from))
        + (to == null ? "" : " AND c.time < " + time(to));
  }

  private static String time(Instant at) {
    return "CAST(" + FactTables.text(at.toString().replace("Z", "")) + " AS TIMESTAMP)";
  }

  private static long count(FactTables tables, String what) {
    Rows rows = tables.ask("SELECT count(*) AS things FROM " + what);
    return ((Number) Objects.requireNonNull(rows.get(0, "things"))).longValue();
  }
}
