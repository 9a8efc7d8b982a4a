// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The monthly report of a journal in PostgreSQL, in a process with a heap of 256 MB: 20,000 calls;
 * ten million with {@code -Dsoak}, or as many as {@code -Dsoak=N} says. Calls are written by SQL,
 * in the tables that the product makes.
 */
class JournalMonthTest {
  private static final int CALLS = 20_000;
  private static final int CALLS_OF_SOAK = 10_000_000;
  private static final int MODELS = 8;
  private static final long MOST_KILOBYTES = 1_300_000;
  private static final Pattern PEAK = Pattern.compile("VmHWM: (\\d+) kB");

  @TempDir Path folder;

  @Test
  void aMonthlyReportFitsIntoASmallHeapAndAddsUpExactly() throws Exception {
    int calls = calls();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      try (UsageJournal journal =
          UsageJournal.builder(postgres.getPostgresDatabase(), folder.resolve("waiting"))
              .closeWithin(Duration.ofMinutes(2))
              .build()) {
        journal.onUsage(Calls.completed(1)); // makes the tables
      }
      try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
        fill(connection, calls);
      }

      List<String> printed = run(postgres.getJdbcUrl("postgres", "postgres"));

      System.out.println(printed.get(printed.size() - 1));
      List<String> head = Arrays.asList(printed.get(0).split(","));
      long counted = 0;
      BigDecimal usd = BigDecimal.ZERO;
      for (String line : printed.subList(1, printed.size() - 1)) {
        List<String> row = Arrays.asList(line.split(",", -1));
        counted += Long.parseLong(row.get(head.indexOf("calls")));
        usd = usd.add(new BigDecimal(row.get(head.indexOf("at_least_usd"))));
      }
      assertThat(printed).as("a row for each model, team and month").hasSizeGreaterThan(MODELS * 5);
      assertThat(counted).isEqualTo(calls);
      assertThat(usd).isEqualByComparingTo(expectedUsd(calls));
      Matcher peak = PEAK.matcher(printed.get(printed.size() - 1));
      if (peak.find()) {
        assertThat(Long.parseLong(peak.group(1))).isLessThan(MOST_KILOBYTES);
      } else {
        System.out.println("NOT CHECKED: how much memory the process had; this is no Linux");
      }
    }
  }

  private static int calls() {
    String soak = System.getProperty("soak");
    if (soak == null) {
      return CALLS;
    }
    return soak.matches("[0-9]+") ? Integer.parseInt(soak) : CALLS_OF_SOAK;
  }

  /** Call i costs i % 1000 + 1 times 0.000000123 dollars. */
  private static BigDecimal expectedUsd(int calls) {
    long units = 0;
    for (int i = 1; i <= calls; i++) {
      units += i % 1000 + 1;
    }
    return new BigDecimal("0.000000123").multiply(BigDecimal.valueOf(units));
  }

  /**
   * Ids are in no order, as those of the meter are. Keys are made when all rows are there: to find
   * the place of each in turn takes several times as long as all else.
   */
  private static void fill(Connection connection, int calls) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql :
          List.of(
              "TRUNCATE bedrock_meter_usage CASCADE",
              "ALTER TABLE bedrock_meter_usage DROP CONSTRAINT bedrock_meter_usage_pkey CASCADE",
              "ALTER TABLE bedrock_meter_usage_line DROP CONSTRAINT bedrock_meter_usage_line_pkey",
              "ALTER TABLE bedrock_meter_usage_tag DROP CONSTRAINT bedrock_meter_usage_tag_pkey",
              "DROP INDEX bedrock_meter_usage_request",
              """
              INSERT INTO bedrock_meter_usage (call_id, started_at, elapsed_nanos, operation,
                requested_model, model_id, region, tier, request_id, outcome, charge,
                input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, total_tokens,
                source, cost_usd, cost_at_least_usd, price_book, estimated_total_tokens,
                bound_total_tokens, estimate, anomalies, amendments, base_model, sent)
              SELECT md5('call' || i), timestamptz '2026-10-01Z' + (i %% 2678400) * interval '1 second',
                1500000000, 'Converse', m, 'us.' || m, 'us-east-1', 'standard', md5('request' || i),
                'COMPLETED', 'REPORTED', i %% 4000, i %% 900, 0, 0, i %% 4000 + i %% 900, 'BODY',
                (i %% 1000 + 1) * 0.000000123, (i %% 1000 + 1) * 0.000000123, 'bundled', 4000, 8000,
                '{}', '[]', '[]', m, 'SEEN'
              FROM (SELECT i, 'anthropic.claude-model-' || i %% %2$d || '-v1:0' AS m
                    FROM generate_series(1, %1$d) i) all_calls"""
                  .formatted(calls, MODELS),
              """
              INSERT INTO bedrock_meter_usage_line (call_id, meter, units, source, usd, rate_usd,
                rate_per, rate_basis, rate_source)
              SELECT md5('call' || i), meter, i %% 4000, 'BODY', (i %% 1000 + 1) * 0.0000000615, 3, 1000000,
                '', 'bundled'
              FROM generate_series(1, %d) i, (VALUES ('input'), ('output')) meters (meter)"""
                  .formatted(calls),
              """
              INSERT INTO bedrock_meter_usage_tag (call_id, tag, tag_value)
              SELECT md5('call' || i), tag, tag || '-' || i %% 5
              FROM generate_series(1, %d) i, (VALUES ('team'), ('env')) tags (tag)"""
                  .formatted(calls),
              "SET maintenance_work_mem = '512MB'",
              "ALTER TABLE bedrock_meter_usage ADD PRIMARY KEY (call_id)",
              "ALTER TABLE bedrock_meter_usage_line ADD PRIMARY KEY (call_id, meter)",
              "ALTER TABLE bedrock_meter_usage_tag ADD PRIMARY KEY (call_id, tag)",
              "CREATE INDEX bedrock_meter_usage_request ON bedrock_meter_usage (request_id)",
              "ANALYZE")) {
        statement.execute(sql);
      }
    }
  }

  private List<String> run(String url) throws Exception {
    Path printed = folder.resolve("printed.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                JournalMonthProcess.class.getName(),
                url)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(printed.toFile())
            .start();
    int code = process.waitFor();
    List<String> lines = Files.readAllLines(printed, StandardCharsets.UTF_8);
    assertThat(code).as("%s", lines).isZero();
    return lines;
  }
}
