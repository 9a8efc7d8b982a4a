// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.facts.SqlFiles;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Facts in files: what is in them, where they are, and that Athena's SQL fits them. */
class ParquetFactsTest {
  private static final String CANARY = "canary-77d0";
  private static final Pattern COLUMN =
      Pattern.compile("^ {2}`(\\w+)` ([^\\n]+?),?$", Pattern.MULTILINE);

  @TempDir Path folder;
  private FactTables tables;
  private Path lake;

  @BeforeEach
  void readLogs() throws IOException {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    StringBuilder text = new StringBuilder();
    text.append(line("r-1", "2026-10-01T10:00:00Z", "012345678901", 10, "cc-1"));
    text.append(line("r-2", "2026-10-01T23:59:59Z", "012345678901", 20, null));
    text.append(line("r-3", "2026-10-02T00:00:00Z", "999999999999", 30, "it's"));
    text.append(line("r-4", "2026-11-01T00:00:00Z", "999999999999", 40, "cc-1"));
    text.append(line("r-1", "2026-10-01T10:00:00Z", "012345678901", 10, "cc-1"));
    text.append(
        line("r-5", "2026-10-31T00:00:00Z", null, 50, "cc-1").replace("amazon.nova", "x.y"));
    text.append("{\"requestId\":\"torn\",\"").append(CANARY);
    Files.writeString(logs.resolve("20261001T100000000Z_a.json"), text);
    lake = folder.resolve("lake");
    tables = FactTables.open(FactTables.Options.defaults().withFiles(folder));
    LogFolder.of(List.of(logs))
        .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
    ParquetFacts.prepare(lake);
  }

  @AfterEach
  void close() {
    tables.close();
  }

  private static String line(
      String id, String time, @Nullable String account, int output, @Nullable String costCenter) {
    return "{\"schemaType\":\"ModelInvocationLog\",\"schemaVersion\":\"1.0\",\"timestamp\":\""
        + time
        + (account == null ? "" : "\",\"accountId\":\"" + account)
        + "\",\"region\":\"us-east-1\",\"requestId\":\""
        + id
        + "\",\"operation\":\"Converse\",\"modelId\":\"amazon.nova-lite-v1:0\",\"input\":{"
        + "\"inputBodyJson\":{\"text\":\""
        + CANARY
        + "\"},\"inputTokenCount\":1000},\"output\":{\"outputBodyJson\":{\"text\":\""
        + CANARY
        + "\"},\"outputTokenCount\":"
        + output
        + "}"
        + (costCenter == null
            ? ""
            : ",\"requestMetadata\":{\"team\":\"t\",\"costCenter\":\"" + costCenter + "\"}")
        + "}\n";
  }

  private ParquetFacts.Written write(Partition... by) {
    return ParquetFacts.write(tables, lake, List.of(by), null, null);
  }

  private static String parquet(Path under) {
    return "read_parquet("
        + FactTables.text(under + "/**/*.parquet")
        + ", hive_partitioning = true, hive_types_autocast = false)";
  }

  private List<String> folders() throws IOException {
    try (Stream<Path> all = Files.walk(lake)) {
      return all.filter(Files::isRegularFile)
          .map(file -> lake.relativize(file.getParent()).toString())
          .distinct()
          .sorted()
          .toList();
    }
  }

  @Test
  void eachDayAndAccountHasAFolderAndNothingIsLost() throws IOException {
    ParquetFacts.Written written = write(Partition.DAY, Partition.ACCOUNT);

    assertThat(written).isEqualTo(new ParquetFacts.Written(6, 1));
    assertThat(folders())
        .containsExactly(
            "calls/day=2026-10-01/account_id=012345678901",
            "calls/day=2026-10-02/account_id=999999999999",
            "calls/day=2026-10-31/account_id=unknown",
            "calls/day=2026-11-01/account_id=999999999999",
            "skipped");
    String read = parquet(lake.resolve("calls"));
    String same =
        "SELECT count(*) AS differing FROM ((SELECT * FROM calls EXCEPT ALL SELECT * EXCLUDE (tags,"
            + " charges, day, account_id) FROM "
            + read
            + ") UNION ALL (SELECT * EXCLUDE (tags, charges, day, account_id) FROM "
            + read
            + " EXCEPT ALL SELECT * FROM calls))";
    assertThat(tables.ask(same).get(0, "differing")).isEqualTo(0L);
    Rows sums =
        tables.ask(
            "SELECT sum(cost_usd) AS usd, (SELECT sum(cost_usd) FROM calls) AS was,"
                + " (SELECT sum(usd) FROM charges) AS charged,"
                + " sum(list_sum(list_transform(charges, lambda c: c.usd))) AS charges FROM "
                + read);
    assertThat(sums.get(0, "usd")).isEqualTo(sums.get(0, "was")).isEqualTo(sums.get(0, "charged"));
    assertThat((BigDecimal) sums.get(0, "charges"))
        .isEqualByComparingTo((BigDecimal) sums.get(0, "charged"));
    assertThat(
            tables
                .ask(
                    "SELECT tags['costCenter'] AS c, account FROM "
                        + read
                        + " WHERE request_id IN ('r-2', 'r-3') ORDER BY request_id")
                .rows())
        .hasToString("[[null, 012345678901], [it's, 999999999999]]");
  }

  @Test
  void otherFoldersAndAPeriod() throws IOException {
    ParquetFacts.Written written =
        ParquetFacts.write(
            tables,
            lake,
            List.of(Partition.MONTH),
            Instant.parse("2026-10-02T00:00:00Z"),
            Instant.parse("2026-11-01T00:00:00Z"));

    assertThat(written.calls()).isEqualTo(2);
    assertThat(folders()).containsExactly("calls/month=2026-10", "skipped");
  }

  @Test
  void whatCannotBeMeantIsRefused() throws IOException {
    Path full = Files.createDirectory(folder.resolve("full"));
    Path file = Files.writeString(full.resolve("other.parquet"), "x");

    assertThatThrownBy(() -> ParquetFacts.prepare(full))
        .hasMessageStartingWith("must be a new or empty folder")
        .hasMessageEndingWith(full + " has files");
    assertThatThrownBy(() -> ParquetFacts.prepare(file)).hasMessageEndingWith("is a file");
    assertThatThrownBy(() -> write()).hasMessageContaining("such as day,account: []");
    assertThatThrownBy(() -> write(Partition.DAY, Partition.DAY))
        .hasMessageContaining("such as day,account: [day, day]");
    assertThatThrownBy(() -> Partition.of("days"))
        .hasMessage("'days' is not day, month or account (did you mean 'day'?)");
  }

  @Test
  void noFileHasTheTextOfAPrompt() throws IOException {
    write(Partition.DAY, Partition.ACCOUNT);

    try (Stream<Path> all = Files.walk(lake)) {
      for (Path one : all.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(one), StandardCharsets.ISO_8859_1))
            .doesNotContain(CANARY);
        String text = FactTables.text(one.toString());
        Rows rows =
            tables.ask("SELECT CAST(f AS VARCHAR) AS text FROM read_parquet(" + text + ") f");
        assertThat(rows.size()).isPositive();
        assertThat(rows.rows().toString()).contains("r").doesNotContain(CANARY);
      }
    }
  }

  @Test
  void tablesOfAthenaHaveTheColumnsAndTypesOfTheFiles() {
    write(Partition.DAY, Partition.ACCOUNT);

    for (String part : List.of("calls", "skipped")) {
      Rows described =
          tables.ask(
              "DESCRIBE SELECT * FROM read_parquet("
                  + FactTables.text(lake.resolve(part) + "/**/*.parquet")
                  + ", hive_partitioning = false)");
      List<String> ofFiles =
          described.rows().stream()
              .map(row -> (row.get(0) + " " + row.get(1)).replace("\"", ""))
              .toList();
      List<String> ofAthena = new ArrayList<>();
      Matcher columns = COLUMN.matcher(SqlFiles.text("athena/create-" + part));
      while (columns.find()) {
        ofAthena.add(columns.group(1) + " " + ofEngine(columns.group(2)));
      }
      assertThat(ofAthena).isEqualTo(ofFiles);
    }
  }

  /** A type of Athena as the embedded engine names it. */
  private static String ofEngine(String type) {
    return type.replaceAll("array<struct<(.*)>>", "STRUCT($1)[]")
        .replaceAll("(\\w+):", "$1 ")
        .replaceAll(",(?=[a-z]\\w+ )", ", ")
        .replaceAll("map<string,string>", "MAP(VARCHAR, VARCHAR)")
        .replaceAll("\\bstring\\b", "VARCHAR")
        .replaceAll("\\bbigint\\b", "BIGINT")
        .replaceAll("\\bint\\b", "INTEGER")
        .replaceAll("^timestamp$", "TIMESTAMP")
        .replaceAll("decimal", "DECIMAL");
  }

  @Test
  void queriesOfAthenaGiveSumsThatTheTablesHave() {
    write(Partition.DAY, Partition.ACCOUNT);
    tables.run("CREATE VIEW bedrock_calls AS SELECT * FROM " + parquet(lake.resolve("calls")));

    assertThat(athena("month-by-cost-center").rows())
        .hasToString(
            "[[2026-10, it's, 1, 1030, 0.000067200000000000, 0],"
                + " [2026-10, (none), 1, 1020, 0.000064800000000000, 0],"
                + " [2026-10, cc-1, 2, 2060, 0.000062400000000000, 1]]");
    assertThat(athena("day-by-model").rows()).hasSize(3);
    assertThat(athena("month-by-meter").rows()).hasSize(4);
    assertThat(athena("unpriced").rows().toString()).contains("x.y-lite-v1:0");
    assertThat(
            tables
                .ask("SELECT sum(at_least_usd) AS usd FROM (" + common("day-by-model") + ")")
                .get(0, "usd"))
        .isEqualTo(
            tables
                .ask(
                    "SELECT sum(cost_at_least_usd) AS usd FROM counted_calls WHERE time <"
                        + " TIMESTAMP '2026-11-01'")
                .get(0, "usd"));
  }

  private Rows athena(String name) {
    return tables.ask(common(name));
  }

  /** The two things that the embedded engine writes in another way. */
  private static String common(String name) {
    return SqlFiles.text("athena/" + name)
        .replace("element_at(tags, 'costCenter')", "tags['costCenter']")
        .replace("UNNEST(d.charges)", "LATERAL (SELECT unnest(d.charges, recursive := true))");
  }
}
