// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Details;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import io.github.bedrockmeter.report.facts.CallFacts.Origin;
import io.github.bedrockmeter.report.facts.CallFacts.Outcome;
import io.github.bedrockmeter.report.progress.Progress;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactTablesTest {
  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00.123456Z");

  @TempDir Path folder;

  @Test
  void aCallIsThereToTheLastDecimal() {
    try (FactTables tables = open()) {
      try (FactWriter writer = tables.writer()) {
        writer.add(call("r-1", new BigDecimal("0.000000000000000001")));
        writer.add(call("r-2", new BigDecimal("12345678901234567890.123456789012345678")));
      }

      Rows rows = tables.ask("SELECT *, epoch_us(time) AS micros FROM calls ORDER BY call");
      assertThat(rows.size()).isEqualTo(2);
      assertThat(rows.get(0, "call")).isEqualTo(1L);
      assertThat(rows.get(0, "request_id")).isEqualTo("r-1");
      assertThat(rows.get(0, "cost_usd")).isEqualTo(new BigDecimal("0.000000000000000001"));
      assertThat(rows.get(1, "cost_usd"))
          .isEqualTo(new BigDecimal("12345678901234567890.123456789012345678"));
      assertThat(rows.get(0, "micros")).isEqualTo(1_795_953_600_123_456L);
      assertThat(rows.get(0, "account")).isNull();
      assertThat(rows.get(0, "output_tokens")).isEqualTo(7L);
      assertThat(tables.ask("SELECT * FROM tags WHERE call = 2").get(0, "value"))
          .isEqualTo("search");
      assertThat(tables.ask("SELECT sum(usd) AS usd FROM charges").get(0, "usd"))
          .isEqualTo(new BigDecimal("0.000002000000000000"));
    }
  }

  @Test
  void anAmountThatDoesNotFitIsAnErrorAndNothingOfItsCallIsWritten() {
    try (FactTables tables = open()) {
      try (FactWriter writer = tables.writer()) {
        assertThatThrownBy(() -> writer.add(call("r-1", new BigDecimal("1e-19"))))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("call r-1: cost 0.0000000000000000001 has more than 18 decimals");
        assertThatThrownBy(() -> writer.add(call("r-2", new BigDecimal("1e20"))))
            .isInstanceOf(ArithmeticException.class)
            .hasMessageStartingWith("call r-2: cost 100000000000000000000 is too large");
        writer.add(call("r-3", new BigDecimal("0.0000000000000000010")));
      }

      assertThat(tables.ask("SELECT call, request_id FROM calls").rows())
          .containsExactly(List.of(1L, "r-3"));
      assertThat(tables.ask("SELECT count(*) AS n FROM charges").get(0, "n")).isEqualTo(1L);
    }
  }

  @Test
  void whatALogDeliveredTwiceCountsOnce() {
    try (FactTables tables = open()) {
      try (FactWriter writer = tables.writer()) {
        writer.add(call("r-1", BigDecimal.ONE));
        writer.add(call("r-1", BigDecimal.TEN));
        writer.add(call(null, BigDecimal.ONE));
        writer.add(call(null, BigDecimal.ONE));
      }
      try (FactWriter again = tables.writer()) {
        again.add(call("r-3", BigDecimal.ONE));
      }

      Rows sum = tables.ask("SELECT count(*) AS calls, sum(cost_usd) AS usd FROM counted_calls");
      assertThat(sum.get(0, "calls")).isEqualTo(4L);
      assertThat(sum.get(0, "usd")).isEqualTo(new BigDecimal("4.000000000000000000"));
      assertThat(tables.ask("SELECT max(call) AS last FROM calls").get(0, "last")).isEqualTo(5L);
    }
  }

  @Test
  void textsAreKeptOnceAndThoseOfEachCallAreItsOwnHoweverManyThereAre() {
    int calls = 25_000; // more than a writer remembers
    try (FactTables tables = open()) {
      try (FactTables.Numbers numbers = tables.numbers(2)) {
        for (int part = 0; part < 2; part++) {
          try (FactWriter writer = numbers.writer()) {
            numbers.place(writer, part);
            for (int i = 0; i < calls; i++) {
              String id = part + "-" + i;
              writer.add(call(id, BigDecimal.ONE).with(ofUser(id)));
            }
          }
        }
      }

      assertThat(
              tables
                  .ask(
                      """
                      SELECT count(*) AS n, count(DISTINCT t.call) AS calls,
                             count(*) FILTER (t.value = c.request_id) AS own,
                             count(*) FILTER (h.units = 3 AND h.rate_source = 's') AS charged
                      FROM calls c JOIN tags t ON t.call = c.call AND t.name = 'user'
                      JOIN charges h ON h.call = c.call""")
                  .rows())
          .containsExactly(List.of(2L * calls, 2L * calls, 2L * calls, 2L * calls));
      assertThat(tables.ask("SELECT count(*) AS n FROM call_texts").get(0, "n")).isEqualTo(2L);
      assertThat(tables.ask("SELECT count(*) AS n FROM charge_texts").get(0, "n")).isEqualTo(2L);
    }
  }

  @Test
  void theCertainPartOfACallIsThereWhetherItsCostIsKnownOrNot() {
    try (FactTables tables = open()) {
      try (FactWriter writer = tables.writer()) {
        writer.add(call("known", BigDecimal.TEN, BigDecimal.TEN));
        writer.add(call("part", null, BigDecimal.ONE));
        writer.add(call("nothing", null, BigDecimal.ZERO));
      }

      assertThat(
              tables
                  .ask(
                      """
                      SELECT request_id, cost_usd::VARCHAR AS usd, cost_at_least_usd::VARCHAR AS certain
                      FROM calls ORDER BY call""")
                  .rows())
          .containsExactly(
              List.of("known", "10.000000000000000000", "10.000000000000000000"),
              Arrays.asList("part", null, "1.000000000000000000"),
              Arrays.asList("nothing", null, "0.000000000000000000"));
    }
  }

  @Test
  void sqlReachesItsOwnFolderAndNothingElse() throws Exception {
    Path outside = folder.resolve("outside.csv");
    Files.writeString(outside, "a\n1\n");
    Path own;
    try (FactTables tables = open()) {
      own = tables.folder();
      tables.run("COPY (SELECT 1 AS a) TO '" + own.resolve("a.parquet") + "'");
      assertThat(tables.ask("SELECT a FROM '" + own.resolve("a.parquet") + "'").get(0, "a"))
          .isEqualTo(1);
      for (String refused :
          List.of(
              "SELECT * FROM '" + outside + "'",
              "COPY (SELECT 1) TO '" + folder.resolve("b.csv") + "'",
              "SELECT * FROM 'https://127.0.0.1:9/a.csv'",
              "INSTALL httpfs",
              "LOAD httpfs",
              "SET enable_external_access = true")) {
        assertThatThrownBy(() -> tables.run(refused)).isInstanceOf(IllegalStateException.class);
      }
      assertThat(
              tables
                  .ask(
                      "SELECT count(*) AS n FROM duckdb_extensions() WHERE loaded AND install_mode <> 'STATICALLY_LINKED'")
                  .get(0, "n"))
          .isEqualTo(0L);
    }

    assertThat(own).doesNotExist();
    assertThat(folder.resolve("b.csv")).doesNotExist();
  }

  @Test
  void namedFilesAreReachable() throws Exception {
    Path named = folder.resolve("it's named.csv");
    Files.writeString(named, "a\n1\n");
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(named))) {
      assertThat(
              tables
                  .ask("SELECT a FROM read_csv(" + FactTables.text(named.toString()) + ")")
                  .get(0, "a"))
          .isEqualTo(1L);
    }
  }

  @Test
  void zonesAreComparedWithJavas() {
    try (FactTables tables = open()) {
      for (String zone : List.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")) {
        tables.checkZone(
            ZoneId.of(zone),
            Instant.parse("2024-01-01T00:00:00Z"),
            Instant.parse("2027-12-31T00:00:00Z"));
      }
      assertThatThrownBy(() -> tables.checkZone(ZoneId.of("+01:00"), NOON, NOON))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static FactTables open() {
    return FactTables.open(FactTables.Options.defaults());
  }

  private static Details ofUser(String user) {
    CallFacts any = call("r", BigDecimal.ONE);
    return new Details(any.details().charges(), Map.of("user", user, "team", "search"));
  }

  private static CallFacts call(@Nullable String requestId, BigDecimal usd) {
    return call(requestId, usd, usd);
  }

  private static CallFacts call(
      @Nullable String requestId, @Nullable BigDecimal usd, BigDecimal certain) {
    return new CallFacts(
        new Origin(Origin.LOG, "a.json.gz", 1L),
        new Identity(requestId, null, NOON, null, "us-east-1", null, null),
        new Model("Converse", "m", "m", "m", null, null, null, "standard"),
        new Outcome(Outcome.COMPLETED, null, null, null, null, "SEEN", null, null),
        new Counts(3L, 7L, null, null, 10L, "BODY"),
        new Money(usd, certain, null, "book", null, null, null),
        null,
        new Details(
            List.of(
                new Charge(
                    "input", 3, "BODY", new BigDecimal("0.000001"), BigDecimal.ONE, 1L, "", "s")),
            Map.of("team", "search")));
  }

  @Test
  void workOfTheEngineIsReportedWithTheNameOfItsFile() {
    List<String> begun = new ArrayList<>();
    AtomicInteger open = new AtomicInteger();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      tables.reportTo(
          new Progress() {
            @Override
            public void begin(String what, long total) {
              begun.add(what);
              open.incrementAndGet();
            }

            @Override
            public void advance(long units) {}

            @Override
            public void end() {
              open.decrementAndGet();
            }
          });
      tables.query("reconcile/skipped");
    }

    assertThat(begun).containsExactly("computing reconcile/skipped");
    assertThat(open).hasValue(0);
  }
}
