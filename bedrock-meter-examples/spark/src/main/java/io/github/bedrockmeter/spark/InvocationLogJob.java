// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * The job: reads Bedrock's model invocation logs, writes a row for each call as partitioned
 * Parquet, and compares them with a journal's, if one is given.
 *
 * <pre>
 * spark-submit --class io.github.bedrockmeter.spark.InvocationLogJob bedrock-meter-spark.jar \
 *   --logs s3a://my-logs/AWSLogs --journal s3a://my-lake/journal --out s3a://my-lake/2026-10
 * </pre>
 */
public final class InvocationLogJob {
  private static final String USAGE =
      """
      usage: InvocationLogJob --logs FOLDER... --out FOLDER [--journal FOLDER...] [--overlay FILE]
                              [--from DAY] [--to DAY]
        --logs     folders of Bedrock's model invocation logs, as s3a://my-logs/AWSLogs
        --out      a new folder: calls/, skipped/ and, with --journal, differences/
        --journal  folders that 'bedrock-meter export --journal' wrote
        --overlay  a catalogue file to lay over the bundled prices
        --from     the first day or month that is compared, UTC, as 2026-10-01 or 2026-10
        --to       the last day or month, which is included""";

  private InvocationLogJob() {}

  /** What the job is to do. */
  private static final class Arguments {
    private final List<String> logs = new ArrayList<>();
    private final List<String> journal = new ArrayList<>();
    private @Nullable String out;
    private @Nullable String overlay;
    private @Nullable LocalDateTime from;
    private @Nullable LocalDateTime until;

    private static Arguments of(String[] words) {
      Arguments read = new Arguments();
      String option = "";
      for (String word : words) {
        if (word.startsWith("--")) {
          option = word;
        } else {
          read.add(option, word);
        }
      }
      if (read.logs.isEmpty() || read.out == null) {
        throw new IllegalArgumentException("--logs and --out are needed\n" + USAGE);
      }
      if (read.journal.isEmpty() && (read.from != null || read.until != null)) {
        throw new IllegalArgumentException(
            "--from and --to are of the comparison: add --journal\n" + USAGE);
      }
      if (read.from != null && read.until != null && !read.from.isBefore(read.until)) {
        throw new IllegalArgumentException("--from must not be after --to");
      }
      return read;
    }

    private void add(String option, String word) {
      switch (option) {
        case "--logs" -> logs.add(word);
        case "--journal" -> journal.add(word);
        case "--out" -> out = word;
        case "--overlay" -> overlay = word;
        case "--from" -> from = day(option, word, false);
        case "--to" -> until = day(option, word, true);
        default -> throw new IllegalArgumentException("'" + option + "' is no option\n" + USAGE);
      }
    }

    private static LocalDateTime day(String option, String word, boolean isEnd) {
      try {
        if (word.length() == "2026-10".length()) {
          YearMonth month = YearMonth.parse(word);
          return (isEnd ? month.plusMonths(1) : month).atDay(1).atStartOfDay();
        }
        LocalDate day = LocalDate.parse(word);
        return (isEnd ? day.plusDays(1) : day).atStartOfDay();
      } catch (DateTimeException malformed) {
        throw new IllegalArgumentException(
            option + " must be a day or a month, as 2026-10-01 or 2026-10: '" + word + "'",
            malformed);
      }
    }
  }

  /** Runs the job. */
  public static void main(String[] words) throws IOException {
    Arguments arguments = Arguments.of(words);
    try (SparkSession spark =
        SparkSession.builder().appName("bedrock-meter invocation logs").getOrCreate()) {
      run(spark, arguments);
    }
  }

  private static void run(SparkSession spark, Arguments arguments) throws IOException {
    String out = String.valueOf(arguments.out);
    SparkFacts facts = new SparkFacts(spark);
    long calls =
        facts.write(arguments.logs, LogLines.pricedBy(prices(spark, arguments.overlay)), out);
    System.out.println(calls + " calls in " + out);
    if (arguments.journal.isEmpty()) {
      return;
    }
    try (SparkReconciliation done =
        SparkReconciliation.of(
            spark,
            out + "/_work",
            facts.calls(List.of(out)),
            facts.skipped(out),
            facts.calls(arguments.journal),
            arguments.from,
            arguments.until)) {
      done.differences()
          .coalesce(1)
          .sort("kind", "time", "request_id", "file", "line")
          .write()
          .mode(SaveMode.ErrorIfExists)
          .option("compression", "zstd")
          .parquet(out + "/differences");
      print(done.totals());
      print(done.kinds());
      print(done.judgement());
      print(done.skipped());
    }
  }

  private static PriceSource prices(SparkSession spark, @Nullable String overlay)
      throws IOException {
    if (overlay == null) {
      return PriceSource.catalog();
    }
    Path file = new Path(overlay);
    try (InputStream in =
        file.getFileSystem(spark.sparkContext().hadoopConfiguration()).open(file)) {
      return PriceSource.overlaid(overlay, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** One line for each row, {@code kind=unmetered calls=80 ...}; "-" is unknown, or none. */
  private static void print(Dataset<Row> rows) {
    Dataset<Row> shown = rows;
    for (StructField field : rows.schema().fields()) {
      if (field.dataType().equals(DataTypes.TimestampType)) {
        // Spark's text is in the session's zone, Java's in the machine's.
        shown = shown.withColumn(field.name(), shown.col(field.name()).cast("string"));
      }
    }
    String[] names = shown.columns();
    for (Row row : shown.collectAsList()) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < names.length; i++) {
        line.append(i == 0 ? "" : " ").append(names[i]).append('=').append(shown(row.get(i)));
      }
      System.out.println(line);
    }
  }

  private static String shown(@Nullable Object value) {
    return value == null
        ? "-"
        : value instanceof BigDecimal usd
            ? usd.stripTrailingZeros().toPlainString()
            : value.toString();
  }
}
