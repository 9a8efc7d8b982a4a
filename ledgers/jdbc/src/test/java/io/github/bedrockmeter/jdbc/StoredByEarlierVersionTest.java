// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that commit 6bdaa60 wrote are read to the last unit. Their folder's {@code README.txt} says
 * how they were made and what is in them.
 */
class StoredByEarlierVersionTest {
  private static final String STORED = "/stored-by-6bdaa60/";
  private static final String LEFT_BEHIND = "0f73172e-0596-4fd9-9c8c-753fe274e1f3";

  /** Columns of a budget event. */
  private static final String ADDED_BY_VERSION_2 = "|null".repeat(5);

  private static final Instant DAY = Instant.parse("2026-11-27T00:00:00Z");
  private static final Account SEARCH =
      day("team-daily", Unit.NANO_USD, "team=search\\, ads\\\\beta,model=a-model");
  private static final Account NO_TEAM = day("team-daily", Unit.NANO_USD, "team=,model=a-model");
  private static final Account LIFETIME =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private static final Account HOUR =
      new Account(
          "calls",
          Unit.REQUESTS,
          "tenant=\u6f22\u5b57 \ud83d\ude00",
          DAY.plusSeconds(3_600),
          DAY.plusSeconds(7_200));
  private static final Account SESSION =
      new Account(
          "session",
          Unit.TOKENS,
          "session=s-1",
          Instant.EPOCH,
          Instant.MAX,
          Duration.ofMinutes(10));
  private static final Account DEBT = day("small", Unit.TOKENS, "");
  private static final Account RELEASED = day("released", Unit.TOKENS, "");
  private static final List<Account> ALL =
      List.of(SEARCH, NO_TEAM, LIFETIME, HOUR, SESSION, DEBT, RELEASED);

  @TempDir Path folder;

  private static Account day(String budget, Unit unit, String scope) {
    return new Account(budget, unit, scope, DAY, DAY.plus(Duration.ofDays(1)));
  }

  @BeforeEach
  void copyFiles() throws Exception {
    copy("balances-and-usage.mv.db", folder.resolve("stored.mv.db"));
  }

  private static void copy(String name, Path to) throws Exception {
    try (InputStream in = StoredByEarlierVersionTest.class.getResourceAsStream(STORED + name)) {
      assertThat(in).as(name).isNotNull();
      Files.copy(in, to);
    }
  }

  private Path file() {
    return folder.resolve("stored");
  }

  /** For which the holds of the file never become old. */
  private JdbcLedger ledger() {
    return JdbcLedger.builder(file()).abandonAfter(Databases.LONG_GRACE).build();
  }

  @Test
  void balancesAreRead() {
    Balance[] stored = {
      new Balance(SEARCH, 1_234_567_890_123L, 42_000_000_001L, 0),
      new Balance(NO_TEAM, 0, 7, 0),
      new Balance(LIFETIME, 9_000_000_000_000_000_000L, 1_500, 0),
      new Balance(HOUR, 1, 2, 0),
      new Balance(SESSION, 100, 250, 0),
      new Balance(DEBT, 150, 0, 0),
      new Balance(RELEASED, 0, 0, 0)
    };
    try (JdbcLedger ledger = ledger()) {
      assertThat(ledger.balances(ALL).toCompletableFuture().join()).containsExactly(stored);
      assertThat(ledger.find(AccountQuery.all(100)).toCompletableFuture().join())
          .containsExactly(stored[2], stored[0], stored[4], stored[5], stored[1], stored[3]);
    }
  }

  @Test
  void openHoldsAreRead() {
    Instant second = Instant.parse("2026-11-28T20:09:42.855773Z");
    try (JdbcLedger ledger = ledger()) {
      List<OpenHold> open = new ArrayList<>();
      for (Account account : ALL) {
        open.addAll(ledger.openHolds(account).toCompletableFuture().join());
      }

      assertThat(open)
          .containsExactly(
              new OpenHold("call-2", SEARCH, 42_000_000_001L, second, false),
              new OpenHold("call-2", NO_TEAM, 7, second, false),
              new OpenHold("call-2", LIFETIME, 1_500, second, false),
              new OpenHold("call-2", HOUR, 2, second, false),
              new OpenHold(
                  "call-3", SESSION, 250, Instant.parse("2026-11-28T20:09:42.864648Z"), false),
              new OpenHold(
                  "call-4", RELEASED, 0, Instant.parse("2026-11-28T20:09:42.868501Z"), false));
    }
  }

  @Test
  void openHoldsAreSettledOnce() {
    List<Hold> open =
        List.of(
            hold("call-2", SEARCH, 42_000_000_001L),
            hold("call-2", NO_TEAM, 7),
            hold("call-2", LIFETIME, 1_500),
            hold("call-2", HOUR, 2));
    try (JdbcLedger ledger = ledger()) {
      for (int i = 0; i < 2; i++) {
        ledger.settle(open, new long[] {41_999_999_999L, 8, 1_499, 2}).toCompletableFuture().join();
      }

      assertThat(settle(ledger, hold("call-3", SESSION, 250), 240))
          .isEqualTo(new Settled(SESSION, 100, 340));
      assertThat(settle(ledger, hold("call-4", RELEASED, 60), 55))
          .isEqualTo(new Settled(RELEASED, 0, 55));
      assertThat(ledger.balances(ALL).toCompletableFuture().join())
          .containsExactly(
              new Balance(SEARCH, 1_276_567_890_122L, 0, 0),
              new Balance(NO_TEAM, 8, 0, 0),
              new Balance(LIFETIME, 9_000_000_000_000_001_499L, 0, 0),
              new Balance(HOUR, 3, 0, 0),
              new Balance(SESSION, 340, 0, 0),
              new Balance(DEBT, 150, 0, 0),
              new Balance(RELEASED, 55, 0, 0));
    }
  }

  private static Hold hold(String id, Account account, long amount) {
    return new Hold(id, account, amount, Long.MAX_VALUE, true);
  }

  private static Settled settle(Ledger ledger, Hold hold, long actual) {
    return ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join().get(0);
  }

  @Test
  void storedSpendingCountsAgainstTheLimit() {
    try (JdbcLedger ledger = ledger()) {
      Hold fits = new Hold("new", HOUR, 7, 10, true);
      Hold tooMuch = new Hold("newer", HOUR, 1, 10, true);

      assertThat(ledger.hold(List.of(fits)).toCompletableFuture().join())
          .isEqualTo(HoldResult.CLEAN);
      assertThat(ledger.hold(List.of(tooMuch)).toCompletableFuture().join())
          .isInstanceOf(HoldResult.Refused.class);
    }
  }

  /** A journal that writes brings the tables up to date. */
  private void migrate() {
    try (UsageJournal journal = UsageJournal.file(file())) {
      journal.onBudgetChanged(new BudgetChange.Thawed("other", "", "later"));
      await().atMost(Duration.ofSeconds(20)).until(() -> journal.written() == 1);
    }
  }

  @Test
  void lostHoldsAreChargedAndCorrectionsKeptInTablesOfVersionTwo() throws Exception {
    try (JdbcLedger ledger = ledger()) {
      assertThat(settle(ledger, hold("lost", HOUR, 1), 3)).isEqualTo(new Settled(HOUR, 1, 4, true));
      assertThat(settle(ledger, hold("lost", HOUR, 1), 3)).isEqualTo(new Settled(HOUR, 4, 4));
      ledger.adjust(DEBT, -50, new Correction("anna", "outage")).toCompletableFuture().join();
      OpenHold open = ledger.openHolds(SESSION).toCompletableFuture().join().get(0);
      ledger.release(open).toCompletableFuture().join();
    }

    assertThat(
            rows(
                "SELECT what, made_by, reason, budget, unit, scope, call_id, settled_before,"
                    + " settled_after, held_before, held_after FROM bedrock_meter_correction"
                    + " ORDER BY what"))
        .containsExactly(
            "ADJUST|anna|outage|small|TOKENS||null|150|100|0|0",
            "RELEASE|null|null|session|TOKENS|session=s-1|call-3|100|100|250|0");
    assertThat(rows("SELECT version FROM bedrock_meter_schema", "component = 'ledger'"))
        .containsExactly("1", "2");
  }

  @Test
  void journalRowsAreReadAsTheyWere() throws Exception {
    migrate();

    assertThat(rows("SELECT * FROM bedrock_meter_usage ORDER BY call_id"))
        .containsExactly(
            "completed|2026-11-27 10:15:30.123456+00|1500000000|Converse|my-name|a-model|null"
                + "|us-east-1|standard|request-of-completed|COMPLETED|null|null|REPORTED|100|20|0|0"
                + "|120|BODY|0.00066000000000000000000000007|0.00066000000000000000000000007|null"
                + "|a book|400|900|0.00132000000000000000000000028|3|1|null|null|null"
                + "|{\"input\":400}|[]|[{\"millis\":250,\"budget\":\"all\",\"kind\":\"WAITED\"}]"
                + "|null|null|null|null",
            "unpriced|2026-11-27 10:15:30.123456+00|7|Converse|my-name|a-model|another-model"
                + "|us-east-1|standard|r-9|FAILED|ThrottlingException|429|ESTIMATED|0|0|0|0|0"
                + "|ESTIMATED|null|0|no price for searchUnits|null|400|900"
                + "|0.00132000000000000000000000028|null|null|2|1|HOLD_WORST_CASE|{\"input\":400}"
                + "|[{\"kind\":\"USAGE_MISSING\",\"detail\":\"no usage was reported\"}]"
                + "|[{\"millis\":250,\"budget\":\"all\",\"kind\":\"WAITED\"}]"
                + "|null|null|null|null");
    assertThat(rows("SELECT * FROM bedrock_meter_usage_line ORDER BY call_id, meter"))
        .containsExactly(
            "completed|input|100|BODY|0.00033000000000000000000000007"
                + "|3.3000000000000000000000007|1000000||a book",
            "completed|output|20|BODY|0.00033|16.5|1000000||a book",
            "unpriced|searchUnits|3|ESTIMATED|null|null|null|null|null");
    assertThat(rows("SELECT * FROM bedrock_meter_usage_tag ORDER BY call_id, tag"))
        .containsExactly(
            "completed|env|prod",
            "completed|team|search, ads\\beta",
            "unpriced|env|prod",
            "unpriced|team|search, ads\\beta");
    assertThat(
            rows("SELECT * FROM bedrock_meter_budget_event WHERE kind <> 'THAWED' ORDER BY kind"))
        .containsExactly(
            denial("DENIED", "denied", "11:00:00.5"),
            "FROZEN:0b572279-0fbd-43ca-a481-519c1992d3ef|FROZEN|2026-11-27 11:00:00.5+00|null|all|"
                + "|null|null|null|null|null|null|null|null|runaway agent"
                + ADDED_BY_VERSION_2,
            denial("OBSERVED", "observed", "11:00:00.5"),
            "SETTLEMENT_FAILED:unsettled|SETTLEMENT_FAILED|2026-11-27 11:00:00.5+00|unsettled|null"
                + "|null|null|null|null|null|null|null|null|null|java.lang.IllegalStateException"
                + ADDED_BY_VERSION_2,
            "THRESHOLD:a0632657-1d9c-4e5a-a7b4-af216414b404|THRESHOLD|2026-11-27 11:00:00.5+00|null"
                + "|team-daily|team=search|TOKENS|null|null|81|100|0.8|null|null|null"
                + ADDED_BY_VERSION_2);
  }

  private static String denial(String kind, String call, String time) {
    return (kind + ":" + call + ":team-daily|" + kind + "|2026-11-27 " + time + "+00|" + call)
        + "|team-daily|team=search\\, ads\\\\beta,model=a-model|TOKENS|9|2"
        + "|null|null|null|null|null|null"
        + ADDED_BY_VERSION_2;
  }

  @Test
  void whatAnEarlierProcessLeftInTheDirectoryIsWritten() throws Exception {
    Path directory = Files.createDirectories(folder.resolve("stored.journal"));
    String segment = LEFT_BEHIND + "-000000000001.segment";
    copy(segment, directory.resolve(segment));
    Files.createFile(directory.resolve(LEFT_BEHIND + ".lock"));

    try (UsageJournal journal = UsageJournal.file(file())) {
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(journal.written()).isEqualTo(4));
      assertThat(journal.pending()).isZero();
      assertThat(journal.dropped()).isZero();
    }

    assertThat(directory).isEmptyDirectory();
    // But for their names, ids and times, the calls are those that the file already has.
    for (String table : List.of("usage", "usage_line", "usage_tag")) {
      List<String> left = rows("SELECT * FROM bedrock_meter_" + table, "call_id LIKE 'left-%'");
      List<String> stored = rows("SELECT * FROM bedrock_meter_" + table, "call_id LIKE '%ed'");
      assertThat(left)
          .extracting(row -> row.replace("left-1", "completed").replace("left-2", "unpriced"))
          .containsExactlyInAnyOrderElementsOf(stored)
          .isNotEmpty();
    }
    assertThat(
            rows(
                "SELECT * FROM bedrock_meter_budget_event",
                "happened_at > '2026-11-27 11:30:00+00'"))
        .containsExactlyInAnyOrder(
            denial("OBSERVED", "left-3", "12:00:00.5"),
            "ADJUSTED:a8aad669-9167-4c74-ae86-b7a08e88411a|ADJUSTED|2026-11-27 12:00:00.5+00|null"
                + "|all||TOKENS|null|null|40|null|null|30|null|outage"
                + ADDED_BY_VERSION_2);
  }

  @Test
  void theViewsHaveWhatVersion1Wrote() throws Exception {
    migrate();

    assertThat(
            rows(
                "SELECT spend_day, model, calls, unpriced_calls, input_tokens, at_least_usd"
                    + " FROM bedrock_meter_spend_by_day"))
        .containsExactly("2026-11-27|a-model|2|1|100|0.00066000000000000000000000007");
    assertThat(
            rows(
                "SELECT tag, tag_value, calls, at_least_usd FROM bedrock_meter_spend_by_tag"
                    + " ORDER BY tag"))
        .containsExactly(
            "env|prod|2|0.00066000000000000000000000007",
            "team|search, ads\\beta|2|0.00066000000000000000000000007");
    assertThat(rows("SELECT budget, denied, shadow FROM bedrock_meter_denials_by_day"))
        .containsExactly("team-daily|1|1");
    assertThat(rows("SELECT kind, budget, reason FROM bedrock_meter_budget_change ORDER BY kind"))
        .containsExactly("FROZEN|all|runaway agent", "THAWED|other|later");
  }

  @Test
  void denialsThatWereNotEnforcedAreCountedWhateverTheirName() throws Exception {
    try (UsageJournal journal = UsageJournal.file(file())) {
      Denied denied =
          new Denied(
              DenialKind.OVER_LIMIT,
              "team-daily",
              "",
              Amount.tokens(9),
              Amount.tokens(2),
              null,
              null,
              null);
      journal.onDenied(new DenialEvent(call("new"), denied, false));
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(journal.written()).isEqualTo(1));
    }

    assertThat(
            rows(
                "SELECT budget, SUM(CASE WHEN kind = 'DENIED' THEN 1 ELSE 0 END) AS denied,"
                    + " SUM(CASE WHEN kind IN ('SHADOW', 'OBSERVED') THEN 1 ELSE 0 END) AS shadow"
                    + " FROM bedrock_meter_budget_event"
                    + " WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED') GROUP BY budget"))
        .containsExactly("team-daily|1|2");
  }

  private static MeteredCall call(String id) {
    Usage estimate = Usage.ofTokens(9, 0);
    return new MeteredCall(
        id,
        "Converse",
        "a-model",
        new PriceKey("a-model", "us-east-1", PriceKey.STANDARD, DAY),
        Tags.of("team", "search"),
        estimate,
        estimate,
        new Cost.Unknown("no price"),
        List.of());
  }

  private List<String> rows(String select, String where) throws SQLException {
    return rows(select + " WHERE " + where);
  }

  /** Each row as text, with a bar between its columns. */
  private List<String> rows(String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    String url = "jdbc:h2:file:" + file().toAbsolutePath();
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TIME ZONE 'UTC'");
      try (ResultSet row = statement.executeQuery(query)) {
        while (row.next()) {
          StringJoiner columns = new StringJoiner("|");
          for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            columns.add(row.getString(i));
          }
          rows.add(columns.toString());
        }
      }
    }
    return rows;
  }
}
