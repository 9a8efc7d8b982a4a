// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.SqlFiles;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Query;
import org.apache.spark.sql.catalyst.plans.logical.CreateTable;
import org.apache.spark.sql.execution.SparkSqlParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SQL for Athena is what its engine parses: Trino for queries, Hive's language, which Spark parses
 * too, for tables. What queries answer is tested in bedrock-meter-report.
 */
class AthenaSqlTest {
  @ParameterizedTest
  @ValueSource(strings = {"month-by-cost-center", "day-by-model", "month-by-meter", "unpriced"})
  void trinoParsesTheQuery(String name) {
    assertThat(new SqlParser().createStatement(SqlFiles.text("athena/" + name)))
        .isInstanceOf(Query.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"calls", "skipped"})
  void sparkParsesTheTable(String name) {
    assertThat(new SparkSqlParser().parsePlan(SqlFiles.text("athena/create-" + name)))
        .isInstanceOf(CreateTable.class);
  }

  @Test
  void theTableOfCallsHasTheColumnsThatSparkWrites() {
    CreateTable table =
        (CreateTable) new SparkSqlParser().parsePlan(SqlFiles.text("athena/create-calls"));

    assertThat(table.tableSchema().fieldNames())
        .startsWith(FactRows.names(FactRows.CALLS))
        .endsWith("day", "account_id")
        .hasSize(FactRows.CALLS.size() + 2);
  }
}
