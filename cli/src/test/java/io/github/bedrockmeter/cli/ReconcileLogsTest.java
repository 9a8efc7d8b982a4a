// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reconcile --logs}: what it prints, writes, settles, and how it exits. */
class ReconcileLogsTest {
  private static final String NOVA = "amazon.nova-lite-v1:0";
  private static final String CANARY = "a canary in the prompt";

  @TempDir Path folder;

  private List<String> options = List.of();

  @BeforeEach
  void writeJournal() throws IOException {
    Path file = folder.resolve("usage");
    try (UsageJournal journal =
        UsageJournal.builder(file).closeWithin(Duration.ofMinutes(2)).build()) {
      journal.onUsage(event("one", 1_000));
      journal.onUsage(event("two", 1_000));
    }
    Files.createDirectories(folder.resolve("logs"));
    options =
        List.of(
            "--journal",
            "jdbc:h2:" + file.toAbsolutePath(),
            "--logs",
            folder.resolve("logs").toString());
  }

  @Test
  void whatAgreesExitsWithZero() throws Exception {
    log(line("one", 1_000) + line("two", 1_000));

    Ran ran = run();

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("matched    2 calls");
    assertThat(ran.err()).contains("0 USD differ: within the tolerance of 0.1 %");
  }

  @Test
  void aDifferenceIsPrintedWrittenAndExitsWithThree() throws Exception {
    log(
        line("one", 1_000)
            + line("two", 3_000)
            + line("unmetered", 500)
            + line("one", 1_000)
            + line("three", 9).substring(0, 200));
    Path out = folder.resolve("out");

    Ran ran = run("--differences", out.toString());

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(3);
    assertThat(ran.out())
        .containsPattern("only AWS saw it +1 +unknown +0.00018 +0.00018")
        .containsPattern("other tokens +1 +0.00021 +0.00033 +0.00012")
        .containsPattern("delivered again +1 ")
        .containsPattern("cut off +1 ")
        .contains("arn:aws:iam::123456789012:user/a");
    assertThat(Files.readAllLines(out.resolve("differences.csv"))).hasSize(5);
    assertThat(ran.out() + ran.err() + Files.readString(out.resolve("differences.jsonl")))
        .doesNotContain("canary");
    assertThat(run("--tolerance", "5usd").exitCode()).as("a part is unknown").isEqualTo(3);
  }

  @Test
  void aCostThatOnlyOneSideKnowsIsADifferenceOfUnknownSize() throws Exception {
    log(line("one", 1_000).replace(NOVA, "amazon.nova-nine-v1:0") + line("two", 1_000));

    Ran logUnknown = run("--tolerance", "5usd");

    assertThat(logUnknown.exitCode()).as(logUnknown.out()).isEqualTo(3);
    assertThat(logUnknown.out()).containsPattern("another cost +1 +0.00021 +unknown +unknown +1");
    assertThat(logUnknown.err()).contains("0 USD differ, and 1 of unknown size: beyond");

    Path file = folder.resolve("unpriced");
    try (UsageJournal journal =
        UsageJournal.builder(file).closeWithin(Duration.ofMinutes(2)).build()) {
      journal.onUsage(event("one", 1_000, new Cost.Unknown("no price book is configured")));
      journal.onUsage(event("two", 1_000));
    }
    log(line("one", 1_000) + line("two", 1_000));
    options =
        List.of(
            "--journal",
            "jdbc:h2:" + file.toAbsolutePath(),
            "--logs",
            folder.resolve("logs").toString());

    Ran journalUnknown = run("--tolerance", "5usd");

    assertThat(journalUnknown.exitCode()).as(journalUnknown.out()).isEqualTo(3);
    assertThat(journalUnknown.out())
        .containsPattern("another cost +1 +unknown +0.00021 +unknown +1");
  }

  @Test
  void settlingSaysWhatItWouldDoAndThenDoesIt() throws Exception {
    log(line("one", 1_000) + line("two", 1_000) + line("gone", 2_000));
    String url = "jdbc:h2:mem:" + UUID.randomUUID();
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("sa");
    config.setPassword("");
    Account account =
        new Account(
            "century",
            Unit.NANO_USD,
            "",
            Instant.EPOCH,
            Instant.parse("2099-01-01T00:00:00Z"),
            null);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcLedger ledger = JdbcLedger.over(pool)) {
      for (String call : List.of("gone", "never-sent")) {
        ledger
            .hold(List.of(new Hold(call, account, 70_000_000, Long.MAX_VALUE, true)))
            .toCompletableFuture()
            .join();
      }
      String[] settle = {
        "--ledger",
        url,
        "--settle",
        "--abandon-after",
        "PT0.001S",
        "--by",
        "anna",
        "--reason",
        "month end"
      };

      Ran would = run(settle);
      assertThat(would.out())
          .contains(
              "would charge gone in century: $0.07 held, $0.00027 by the log; AWS's log has the call, request r-gone")
          .contains("left never-sent in century: $0.07 held; the log has no call of this id")
          .contains("nothing was changed; add --yes to change it");
      assertThat(ledger.balances(List.of(account)).toCompletableFuture().join().get(0).settled())
          .isZero();

      List<String> withYes = new ArrayList<>(List.of(settle));
      withYes.add("--yes");
      Ran did = run(withYes.toArray(String[]::new));
      assertThat(did.out())
          .contains("charged gone in century")
          .contains("by anna; reason: month end");
      var balance = ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
      assertThat(balance.settled()).isEqualTo(270_000);
      assertThat(balance.held()).isEqualTo(70_000_000);
      try (Connection connection = pool.getConnection();
          Statement select = connection.createStatement();
          ResultSet row =
              select.executeQuery("SELECT made_by, reason FROM bedrock_meter_correction")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo("anna");
        assertThat(row.getString(2)).isEqualTo("month end: AWS's log has the call, request r-gone");
      }
    }
  }

  @Test
  void aSpreadsheetTakesNoCellForAFormulaAndJsonHasTheTextItself() throws Exception {
    log(line("one", 1_000).replace("r-one", "=1+1").replace("\":\"one\"", "\":\"@call\""));
    Files.writeString(
        folder.resolve("logs").resolve("-b.json"),
        line("two", 9).replace("\"us-east-1\"", "\"+region\"").replace("123456789012", "=account"));
    Path out = folder.resolve("out");

    assertThat(run("--differences", out.toString()).exitCode()).isEqualTo(3);

    assertThat(Files.readString(out.resolve("differences.csv")))
        .contains(",'=1+1,'@call,", ",'=account,'+region,", ",'-b.json,")
        .doesNotContainPattern("[,\n][=+@]");
    assertThat(Files.readString(out.resolve("differences.jsonl")))
        .contains("\"=1+1\"", "\"@call\"", "\"=account\"", "\"+region\"", "\"-b.json\"")
        .doesNotContain("\"'");
  }

  @Test
  void anOptionOfTheOtherComparisonIsRefused() throws Exception {
    log(line("one", 1_000));
    for (String option : List.of("--format=csv", "--out=x", "--terms-out=x", "--net", "--all")) {
      assertThat(run(option).error(2))
          .contains(option.split("=", 2)[0] + " belongs to --bill FILE");
    }
    assertThat(run("--name=a=b").error(2)).contains("--name belongs to --bill FILE");
    assertThat(run("--account=123456789012").error(2)).contains("--account belongs to --bill FILE");
    for (String option : List.of("--yes", "--by=anna", "--reason=x")) {
      assertThat(run(option).error(2)).contains(option.split("=", 2)[0] + " belongs to --settle");
    }
    for (String option : List.of("--settle", "--yes", "--differences=x", "--top=3")) {
      assertThat(run(option, "--bill", "bill.csv").error(2))
          .contains(option.split("=", 2)[0] + " belongs to a comparison of --logs with --journal");
    }
  }

  @Test
  void oneSourceAloneIsAnError() {
    Ran ran = Ran.command(List.of(), "reconcile", "--logs", folder.toString());

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("--logs DIR and --journal URL");
  }

  private Ran run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("reconcile"));
    arguments.addAll(List.of(more));
    return Ran.command(options, arguments.toArray(String[]::new));
  }

  private void log(String lines) throws IOException {
    Files.writeString(folder.resolve("logs").resolve("a.json"), lines);
  }

  private static UsageEvent event(String id, long input) {
    return event(id, input, PriceCatalog.bundled().costOf(key(), Usage.ofTokens(input, 625)));
  }

  private static PriceKey key() {
    return new PriceKey(
        NOVA, "us-east-1", PriceKey.STANDARD, Instant.parse("2026-10-05T12:00:00Z"));
  }

  private static UsageEvent event(String id, long input, Cost cost) {
    PriceKey key = key();
    MeteredCall call =
        SampleCalls.converse()
            .id(id)
            .model(key.modelId())
            .startedAt(key.at())
            .tags("team", "search")
            .build();
    return SampleEvents.completed(call)
        .usage(Usage.ofTokens(input, 625))
        .cost(cost)
        .requestId("r-" + id)
        .build();
  }

  private static String line(String id, int input) {
    return """
        {"timestamp":"2026-10-05T12:00:01Z","accountId":"123456789012","identity":{"arn":"arn:aws:iam::123456789012:user/a"},\
        "region":"us-east-1","requestId":"r-%s","operation":"Converse","modelId":"%s",\
        "requestMetadata":{"team":"search","bedrockMeterCall":"%s"},\
        "input":{"inputBodyJson":{"messages":[{"role":"user","content":[{"text":"%s"}]}]},"inputTokenCount":%d},\
        "output":{"outputBodyJson":{"usage":{"inputTokens":%d,"outputTokens":625,"totalTokens":%d}},"outputTokenCount":625},\
        "schemaType":"ModelInvocationLog","schemaVersion":"1.0"}
        """
        .formatted(id, NOVA, id, CANARY, input, input, input + 625);
  }
}
