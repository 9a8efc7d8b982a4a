// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import io.github.bedrockmeter.report.facts.SqlFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Runs SQL files of bedrock-meter-report on Spark. What they make with {@code CREATE OR REPLACE
 * TABLE} and {@code INSERT INTO} is a temporary view of that name here, in files until {@link
 * #close}. Queries are the same text. Confined to one thread.
 */
final class SharedSql implements AutoCloseable {
  private static final Pattern COMMENT = Pattern.compile("--[^\\n]*");

  /** Outside of a text in quotes. */
  private static final Pattern END = Pattern.compile(";(?=(?:[^']*'[^']*')*[^']*$)");

  private static final Pattern MADE =
      Pattern.compile("CREATE OR REPLACE TABLE (\\w+) AS\\s+(.*)", Pattern.DOTALL);
  private static final Pattern DECLARED =
      Pattern.compile("CREATE OR REPLACE TABLE (\\w+) \\((.*)\\)", Pattern.DOTALL);
  private static final Pattern ADDED =
      Pattern.compile("INSERT INTO (\\w+)\\s+(.*)", Pattern.DOTALL);

  private final SparkSession spark;
  private final Path work;

  /**
   * Opens it.
   *
   * @param work a folder, not there yet, in which tables are kept; deleted at {@link #close}
   */
  SharedSql(SparkSession spark, String work) {
    this.spark = spark;
    this.work = new Path(work);
    spark.sparkContext().setCheckpointDir(work);
    // What the files rely on: times without a zone, and decimals that lose nothing.
    spark.conf().set("spark.sql.session.timeZone", "UTC");
    spark.conf().set("spark.sql.timestampType", "TIMESTAMP_NTZ");
    spark.conf().set("spark.sql.ansi.enabled", "true");
    spark.conf().set("spark.sql.decimalOperations.allowPrecisionLoss", "false");
  }

  /** Runs every statement of a file. */
  void execute(String file) {
    for (String statement : statements(file)) {
      Matcher made = MADE.matcher(statement);
      Matcher declared = DECLARED.matcher(statement);
      Matcher added = ADDED.matcher(statement);
      if (made.matches()) {
        keep(made.group(1), spark.sql(made.group(2)));
      } else if (declared.matches()) {
        StructType columns = StructType.fromDDL(declared.group(2).replace("VARCHAR", "STRING"));
        keep(declared.group(1), spark.createDataFrame(List.of(), columns));
      } else if (added.matches()) {
        Dataset<Row> before = spark.table(added.group(1));
        keep(added.group(1), before.union(as(before.schema(), spark.sql(added.group(2)))));
      } else {
        throw new IllegalArgumentException(file + " has what Spark does not run: " + statement);
      }
    }
  }

  /** Asks the query of a file. */
  Dataset<Row> query(String file) {
    List<String> statements = statements(file);
    if (statements.size() != 1) {
      throw new IllegalArgumentException(file + " is no single query");
    }
    return spark.sql(statements.get(0));
  }

  /** Computes a table and keeps it in files: a plan that grew with each step would take hours. */
  private void keep(String name, Dataset<Row> rows) {
    rows.checkpoint(true).createOrReplaceTempView(name);
  }

  private static Dataset<Row> as(StructType type, Dataset<Row> rows) {
    Dataset<Row> named = rows.toDF(FactRows.names(type));
    Column[] columns = new Column[type.size()];
    for (int i = 0; i < columns.length; i++) {
      StructField field = type.fields()[i];
      columns[i] = named.col(field.name()).cast(field.dataType());
    }
    return named.select(columns);
  }

  private static List<String> statements(String file) {
    String text = COMMENT.matcher(SqlFiles.text(file)).replaceAll("");
    return END.splitAsStream(text)
        .map(String::strip)
        .filter(statement -> !statement.isEmpty())
        .toList();
  }

  /** Deletes what was kept. */
  @Override
  public void close() {
    try {
      work.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(work, true);
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot delete " + work, failure);
    }
  }
}
