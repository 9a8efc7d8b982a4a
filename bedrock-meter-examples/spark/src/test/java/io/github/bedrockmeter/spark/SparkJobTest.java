// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.reconcile.GeneratedMonth;
import io.github.bedrockmeter.report.reconcile.LogReconciliation;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark in local mode and the embedded engine over the same logs and the same journal, a generated
 * month with planted differences: equal facts, equal sums, equal differences.
 */
class SparkJobTest {
  private static final int LINES = 4_000;
  private static final int FILES = 4;
  private static final String FOLDER = "BEDROCKMETER_LOG_CORPUS";
  private static final LogLines LOG_LINES = LogLines.pricedBy(PriceSource.catalog());

  @TempDir static Path folder;
  private static Path logs;
  private static Path journal;
  private static Map<String, String> planted;
  private static SparkSession spark;

  @BeforeAll
  static void start() throws Exception {
    logs = Files.createDirectories(folder.resolve("logs"));
    journal = folder.resolve("journal");
    planted = GeneratedMonth.write(LINES, FILES, logs, journal);
    Path body =
        logs.resolve("AWSLogs/1/BedrockModelInvocationLogs/r/2026/10/01/00/data/x_input.json");
    Files.createDirectories(body.getParent());
    Files.writeString(body, GeneratedMonth.CANARY);
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("test")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** A folder that Spark wrote, and beside it the one of the embedded engine. */
  private record Lakes(Path ofSpark, Path ofEngine) {
    void areEqual(FactTables tables) {
      for (String part : List.of("calls", "skipped")) {
        Path one = ofSpark.resolve(part);
        Path other = ofEngine.resolve(part);
        assertThat(OneMachine.columns(tables, one)).isEqualTo(OneMachine.columns(tables, other));
        assertThat(
                OneMachine.differing(
                    tables,
                    "SELECT * FROM " + OneMachine.files(one),
                    "SELECT * FROM " + OneMachine.files(other)))
            .as("rows of %s that differ", part)
            .isZero();
      }
    }
  }

  private static Lakes lakes(String name, Path of) throws IOException {
    Path ofSpark = folder.resolve(name + "-spark");
    Path ofEngine = folder.resolve(name + "-engine");
    new SparkFacts(spark).write(List.of(of.toString()), LOG_LINES, ofSpark.toString());
    try (FactTables tables = OneMachine.open(folder)) {
      OneMachine.readLogs(tables, of);
      OneMachine.write(tables, ofEngine);
    }
    return new Lakes(ofSpark, ofEngine);
  }

  @Test
  void factsAreEqualRowByRowAndSoAreSums() throws IOException {
    Lakes lakes = lakes("facts", logs);

    try (FactTables tables = OneMachine.open(folder)) {
      lakes.areEqual(tables);
      Rows sums =
          tables.ask(
              "SELECT count(*) AS calls, sum(cost_usd) AS usd FROM "
                  + OneMachine.files(lakes.ofEngine().resolve("calls")));
      Row ofSpark =
          new SparkFacts(spark)
              .calls(List.of(lakes.ofSpark().toString()))
              .selectExpr("count(*) AS calls", "sum(cost_usd) AS usd")
              .first();
      System.out.printf(
          "%d calls, equal row by row; %s USD by the engine, %s by Spark%n",
          ofSpark.getLong(0), sums.get(0, "usd"), ofSpark.getDecimal(1).toPlainString());
      assertThat(ofSpark.getLong(0)).isEqualTo(sums.get(0, "calls")).isGreaterThan(LINES - 100);
      assertThat(ofSpark.getDecimal(1)).isEqualTo(sums.get(0, "usd")).isPositive();
    }
  }

  @Test
  void theSameSqlFindsTheSameDifferences() throws Exception {
    Path made = folder.resolve("reconciled");
    Path ofJournal = folder.resolve("journal-facts");
    try (FactTables tables = OneMachine.open(folder)) {
      OneMachine.readJournal(tables, journal);
      OneMachine.write(tables, ofJournal);
    }
    SparkFacts facts = new SparkFacts(spark);
    facts.write(List.of(logs.toString()), LOG_LINES, made.toString());

    try (FactTables tables = OneMachine.open(folder);
        SparkReconciliation done =
            SparkReconciliation.of(
                spark,
                made + "/_work",
                facts.calls(List.of(made.toString())),
                facts.skipped(made.toString()),
                facts.calls(List.of(ofJournal.toString())),
                null,
                null)) {
      done.differences().write().parquet(made + "/differences");
      OneMachine.readLogs(tables, logs);
      OneMachine.readJournal(tables, journal);
      LogReconciliation onOne = LogReconciliation.of(tables, null, null);

      String columns = "SELECT * EXCLUDE (journal_call) FROM ";
      assertThat(
              OneMachine.differing(
                  tables,
                  columns + OneMachine.files(made.resolve("differences")),
                  columns + "differences"))
          .isZero();
      assertThat(texts(done.kinds().collectAsList()))
          .isEqualTo(texts(tables.query("reconcile/summary")));
      assertThat(texts(done.judgement().collectAsList()))
          .isEqualTo(texts(tables.query("reconcile/judgement")));
      assertThat(texts(done.skipped().collectAsList()))
          .isEqualTo(texts(tables.query("reconcile/skipped")));
      Row totals = done.totals().first();
      assertThat(totals.getLong(2)).isEqualTo(onOne.totals().matched());
      assertThat(totals.getLong(3)).isEqualTo(onOne.totals().logCalls());
      assertThat(totals.getDecimal(4)).isEqualByComparingTo(onOne.totals().awsUsd());
      assertThat(totals.getLong(6)).isEqualTo(onOne.totals().journalCalls());
      assertThat(totals.getDecimal(7)).isEqualByComparingTo(onOne.totals().oursUsd());

      Map<String, String> found = new TreeMap<>();
      for (Row row : done.differences().select("request_id", "kind").collectAsList()) {
        assertThat(found.put(row.getString(0), row.getString(1))).isNull();
      }
      assertThat(found).isEqualTo(new TreeMap<>(planted));
      System.out.printf(
          "%d of %d planted differences found by Spark, equal to the engine's %d%n",
          found.size(), planted.size(), onOne.kinds().stream().mapToLong(k -> k.calls()).sum());
    }
    NoCanary.in(made);
    NoCanary.in(ofJournal);
  }

  @Test
  void everyShapeOfLogsIsReadAsOnOneMachine() throws IOException {
    String corpus = System.getenv(FOLDER);
    if (corpus == null) {
      System.out.println("NOT RUN: shapes of logs on Spark; set " + FOLDER + " to their folder");
    }
    Assumptions.assumeTrue(corpus != null, FOLDER + " is not set");
    ObjectMapper mapper = new ObjectMapper();
    Path shapes = Files.createDirectories(folder.resolve("shapes"));
    int files = 0;
    try (Stream<Path> all = Files.list(Path.of(corpus))) {
      for (Path file : all.filter(one -> one.toString().endsWith(".json")).sorted().toList()) {
        JsonNode record = mapper.readTree(file.toFile()).get("record");
        String name = file.getFileName().toString();
        Files.writeString(
            shapes.resolve("line-" + name), record.isTextual() ? record.asText() : record + "\n");
        Files.writeString(shapes.resolve("document-" + name), record.toPrettyString());
        files++;
      }
    }

    Lakes lakes = lakes("shapes", shapes);

    try (FactTables tables = OneMachine.open(folder)) {
      lakes.areEqual(tables);
    }
    System.out.println(files + " shapes of logs, each as a line and as a document, equal facts");
    assertThat(files).isPositive();
  }

  @Test
  void anAmountThatDoesNotFitIsAnErrorThatNamesTheCall() throws IOException {
    Path few = Files.createDirectories(folder.resolve("few"));
    Files.writeString(
        few.resolve("a.json"),
        """
        {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-10-01T10:00:00Z",\
        "accountId":"123456789012","region":"us-east-1","requestId":"r-unfit","operation":"Converse",\
        "modelId":"amazon.nova-lite-v1:0","input":{"inputTokenCount":7},"output":{"outputTokenCount":3}}
        """);
    LogLines tooFine =
        LogLines.pricedBy(
            () ->
                io.github.bedrockmeter.pricing.PriceCatalog.builder()
                    .discount("amazon.nova-lite-v1:0", "0.00000000000000000001")
                    .build());

    assertThatThrownBy(
            () ->
                new SparkFacts(spark)
                    .write(List.of(few.toString()), tooFine, folder.resolve("unfit").toString()))
        .hasStackTraceContaining("call r-unfit")
        .hasStackTraceContaining("has more than 18 decimals");
  }

  @Test
  void whatCannotBeMeantIsRefused() throws Exception {
    Path once = folder.resolve("once");
    Path again = folder.resolve("again");
    try (FactTables tables = OneMachine.open(folder)) {
      OneMachine.readJournal(tables, journal);
      OneMachine.write(tables, once);
      OneMachine.write(tables, again);
    }
    SparkFacts facts = new SparkFacts(spark);
    assertThatThrownBy(
            () ->
                SparkReconciliation.of(
                    spark,
                    once + "/_work",
                    facts.calls(List.of(once.toString())),
                    facts.skipped(once.toString()),
                    facts.calls(List.of(once.toString(), again.toString())),
                    null,
                    null))
        .hasMessageContaining("have a call twice");
    Path none = Files.createDirectories(folder.resolve("none"));
    assertThatThrownBy(() -> facts.write(List.of(none.toString()), LOG_LINES, none + "/out"))
        .hasMessage("no log file in " + none);
    assertThatThrownBy(() -> facts.write(List.of(none + "/x"), LOG_LINES, none + "/out"))
        .hasMessage("no such folder or file of logs: " + none + "/x");
    assertThatThrownBy(() -> InvocationLogJob.main(new String[] {"--logs", "x"}))
        .hasMessageStartingWith("--logs and --out are needed");
    assertThatThrownBy(
            () ->
                InvocationLogJob.main(
                    new String[] {
                      "--logs", "x", "--out", "y", "--journal", "z", "--from", "October"
                    }))
        .hasMessageContaining("as 2026-10-01 or 2026-10: 'October'");
  }

  private static List<String> texts(List<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        values.add(plain(row.get(i)));
      }
      texts.add(values.toString());
    }
    return texts;
  }

  private static List<String> texts(Rows rows) {
    return rows.rows().stream()
        .map(row -> row.stream().map(SparkJobTest::plain).toList().toString())
        .toList();
  }

  private static String plain(Object value) {
    return value instanceof BigDecimal usd
        ? usd.stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }
}
