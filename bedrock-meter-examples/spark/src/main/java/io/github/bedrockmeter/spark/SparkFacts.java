// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.lit;

import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.logs.LogKeys;
import io.github.bedrockmeter.report.logs.LogLines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Facts of Bedrock's model invocation logs: read from object storage, written as partitioned
 * Parquet with the columns that {@code bedrock-meter export} writes. Confined to one thread.
 */
final class SparkFacts {
  /** What a task reads, more or less. */
  private static final long BYTES_OF_TASK = 128_000_000;

  private final SparkSession spark;

  SparkFacts(SparkSession spark) {
    this.spark = spark;
    spark.conf().set("spark.sql.session.timeZone", "UTC"); // whose days are the folders
  }

  /**
   * Reads logs and writes their facts.
   *
   * @param logs folders and files, {@code s3a://bucket/prefix/AWSLogs}
   * @param out a folder that is not there yet
   * @return how many calls were written
   * @throws IllegalArgumentException if there is no log file
   * @throws IOException if the files cannot be listed
   */
  long write(List<String> logs, LogLines lines, String out) throws IOException {
    List<LogObject> files = new ArrayList<>();
    List<Row> refused = new ArrayList<>();
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    for (LogObject file : LogObject.of(logs, hadoop)) {
      Skipped.Reason reason = LogKeys.refused(file.key());
      if (reason == null) {
        files.add(file.numbered(files.size() + 1L));
      } else {
        refused.add(FactRows.of(new Skipped(file.key(), null, reason)));
      }
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no log file in " + String.join(", ", logs));
    }
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    JavaRDD<Row> rows =
        context
            .parallelize(files, slices(files, context.defaultParallelism()))
            .mapPartitions(
                new LogReading(lines, context.broadcast(new SerializableConfiguration(hadoop))));
    Dataset<Row> facts =
        spark
            .createDataFrame(rows, FactRows.EITHER)
            .union(spark.createDataFrame(refused, FactRows.EITHER))
            .persist(StorageLevel.DISK_ONLY());
    try {
      write(
          facts
              .where(col("call").isNotNull())
              .select("call.*")
              .withColumn("day", date_format(col("time"), "yyyy-MM-dd"))
              .withColumn("account_id", coalesce(col("account"), lit("unknown"))),
          out + "/calls",
          "day",
          "account_id");
      write(
          facts.where(col("skipped").isNotNull()).select("skipped.*").coalesce(1),
          out + "/skipped");
      return facts.where(col("call").isNotNull()).count();
    } finally {
      facts.unpersist();
    }
  }

  private static int slices(List<LogObject> files, int parallelism) {
    long bytes = files.stream().mapToLong(LogObject::bytes).sum();
    return (int) Math.min(files.size(), Math.max(3L * parallelism, bytes / BYTES_OF_TASK));
  }

  private static void write(Dataset<Row> rows, String folder, String... by) {
    rows.write()
        .mode(SaveMode.ErrorIfExists)
        .option("compression", "zstd")
        .partitionBy(by)
        .parquet(folder);
  }

  /** The calls that were written to folders, by this job or by {@code bedrock-meter export}. */
  Dataset<Row> calls(List<String> folders) {
    // Each is read alone: Spark takes partitions under two roots for a mistake.
    return folders.stream()
        .map(folder -> spark.read().parquet(folder + "/calls"))
        .map(read -> read.select(columns(FactRows.names(FactRows.CALLS))))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  /** What was skipped, as it was written to a folder. */
  Dataset<Row> skipped(String folder) {
    return spark
        .read()
        .schema(FactRows.SKIPPED)
        .parquet(folder + "/skipped")
        .select(columns(FactRows.names(FactRows.SKIPPED)));
  }

  private static Column[] columns(String[] names) {
    Column[] columns = new Column[names.length];
    for (int i = 0; i < names.length; i++) {
      columns[i] = col(names[i]);
    }
    return columns;
  }
}
