// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;

import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * AWS's log against the usage journal, call by call, by the SQL of bedrock-meter-report: the same
 * files that {@code bedrock-meter reconcile} runs. Confined to one thread.
 */
final class SparkReconciliation implements AutoCloseable {
  private static final StructType PERIOD =
      new StructType()
          .add("from_time", DataTypes.TimestampNTZType)
          .add("until_time", DataTypes.TimestampNTZType);

  private final SharedSql sql;
  private final SparkSession spark;

  private SparkReconciliation(SparkSession spark, String work) {
    this.sql = new SharedSql(spark, work);
    this.spark = spark;
  }

  /**
   * Compares facts.
   *
   * @param work a folder, not there yet, for what is worked out on the way
   * @param log calls of logs, which one run made
   * @param skipped what was skipped in them
   * @param journal calls of a journal
   * @param from inclusive, UTC; null: from the first full hour of the log
   * @param until exclusive; null: until the last full hour of the log ends
   * @throws IllegalArgumentException if the journal has a call twice, as two exports of one day do
   */
  static SparkReconciliation of(
      SparkSession spark,
      String work,
      Dataset<Row> log,
      Dataset<Row> skipped,
      Dataset<Row> journal,
      @Nullable LocalDateTime from,
      @Nullable LocalDateTime until) {
    refuseRepeats(journal);
    SparkReconciliation made = new SparkReconciliation(spark, work);
    try {
      Dataset<Row> calls = log.union(numbered(spark, journal));
      calls.createOrReplaceTempView("calls");
      calls
          .select(col("call"), explode(col("tags")).as(new String[] {"name", "value"}))
          .createOrReplaceTempView("tags");
      skipped.createOrReplaceTempView("skipped");
      spark
          .createDataFrame(List.of(RowFactory.create(from, until)), PERIOD)
          .createOrReplaceTempView("period");
      made.sql.execute("reconcile/match");
      made.sql.execute("reconcile/differences");
      return made;
    } catch (RuntimeException failure) {
      made.close();
      throw failure;
    }
  }

  private static void refuseRepeats(Dataset<Row> journal) {
    List<Row> twice =
        journal
            .groupBy("call_id")
            .agg(count("*").as("times"))
            .where(col("times").gt(1))
            .limit(1)
            .collectAsList();
    if (!twice.isEmpty()) {
      throw new IllegalArgumentException(
          "the journal's facts have a call twice, "
              + twice.get(0).getString(0)
              + ": two exports of the same days? Give each day once");
    }
  }

  /**
   * Several exports have the same numbers, so calls of a journal are numbered again, in the order
   * of their ids. Those of logs are higher: the first is 2^32 + 1.
   */
  private static Dataset<Row> numbered(SparkSession spark, Dataset<Row> journal) {
    int place = List.of(FactRows.names(FactRows.CALLS)).indexOf("call");
    return spark.createDataFrame(
        journal
            .sort("call_id")
            .javaRDD()
            .zipWithIndex()
            .map(
                one ->
                    RowFactory.create(
                        IntStream.range(0, one._1().size())
                            .mapToObj(i -> i == place ? (Object) (one._2() + 1) : one._1().get(i))
                            .toArray())),
        FactRows.CALLS);
  }

  /** Every difference, as {@code reconcile/differences.sql} explains them. */
  Dataset<Row> differences() {
    return spark.table("differences");
  }

  /** Differences by kind, the kinds without any too. */
  Dataset<Row> kinds() {
    return sql.query("reconcile/summary");
  }

  /** Both sides as wholes. */
  Dataset<Row> totals() {
    return sql.query("reconcile/totals");
  }

  /** The sum of all differences without their signs, and how many are unknown. */
  Dataset<Row> judgement() {
    return sql.query("reconcile/judgement");
  }

  /** What was read and is no record, by reason. */
  Dataset<Row> skipped() {
    return sql.query("reconcile/skipped");
  }

  @Override
  public void close() {
    sql.close();
  }
}
