// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static io.github.bedrockmeter.jdbc.journal.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.CommitProxy;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.jdbc.journal.UsageJournal.Overflow;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.FaultyProxy;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.math.BigDecimal;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

class UsageJournalTest {
  private static final String COUNT = "SELECT COUNT(*) FROM bedrock_meter_usage";

  private final Ledgers databases = new Ledgers();

  @TempDir Path folder;

  @AfterEach
  void close() {
    databases.close();
  }

  private UsageJournal.Builder journal(DataSource database) {
    return UsageJournal.builder(database, folder.resolve("spill"));
  }

  private static void awaitWritten(UsageJournal journal, long count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(journal.written()).isEqualTo(count));
    assertThat(journal.pending()).isZero();
  }

  @Test
  void everyFactOfACallIsInItsRow() throws Exception {
    for (DataSource database : List.of(Databases.newH2(), databases.newPostgres())) {
      try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
        journal.onUsage(event("a"));
        journal.onUsage(Events.unpricedStream("b"));
        awaitWritten(journal, 2);
      }

      assertThat(
              Databases.value(
                  database,
                  "SELECT operation || '|' || requested_model || '|' || model_id || '|' || region"
                      + " || '|' || tier || '|' || request_id || '|' || outcome || '|' || charge"
                      + " || '|' || input_tokens || '|' || output_tokens || '|' || total_tokens"
                      + " || '|' || source || '|' || price_book || '|' || elapsed_nanos || '|' ||"
                      + " estimated_total_tokens || '|' || bound_total_tokens || '|' || attempts"
                      + " || '|' || attempts_unanswered || '|' || estimate || '|' || amendments"
                      + " FROM bedrock_meter_usage WHERE call_id = 'a'"))
          .startsWith(
              "Converse|my-name|a-model|us-east-1|standard|request-of-a|COMPLETED|REPORTED"
                  + "|100|20|120|BODY|test|1500000000|400|900|3|1|{\"input\":400}|[{")
          .contains("\"kind\":\"WAITED\"", "\"millis\":250");
      assertThat(
              new BigDecimal(
                  Databases.value(
                      database, "SELECT cost_usd FROM bedrock_meter_usage WHERE call_id = 'a'")))
          .isEqualByComparingTo("0.00066");
      assertThat(
              Databases.value(
                  database,
                  "SELECT outcome || '|' || error || '|' || status_code || '|' || answered_by"
                      + " || '|' || unpriced_reason || '|' || stream_attempts || '|' ||"
                      + " stream_attempts_with_output || '|' || abandoned_rule || '|' || anomalies"
                      + " FROM bedrock_meter_usage WHERE call_id = 'b' AND cost_usd IS NULL"))
          .startsWith(
              "FAILED|ThrottlingException|429|another-model|no price for searchUnits|2|1"
                  + "|HOLD_WORST_CASE|[{")
          .contains("USAGE_MISSING", "no usage was reported");
      assertThat(
              Databases.value(
                  database,
                  "SELECT COUNT(*) FROM bedrock_meter_usage"
                      + " WHERE started_at = TIMESTAMP WITH TIME ZONE '2026-11-23 10:15:30.5+00'"))
          .isEqualTo("2");
    }
  }

  @Test
  void linesAddUpToTheCostAndTagsAreTheirOwnRows() throws Exception {
    for (DataSource database : List.of(Databases.newH2(), databases.newPostgres())) {
      try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
        journal.onUsage(event("a"));
        awaitWritten(journal, 1);
      }

      assertThat(
              new BigDecimal(
                  Databases.value(
                      database,
                      "SELECT SUM(usd) FROM bedrock_meter_usage_line WHERE call_id = 'a'")))
          .isEqualByComparingTo("0.00066");
      assertThat(
              Databases.value(
                  database,
                  "SELECT units || '|' || rate_per || '|' || source || '|' || rate_source"
                      + " FROM bedrock_meter_usage_line WHERE meter = 'output'"))
          .isEqualTo("20|1000000|BODY|test");
      assertThat(
              Databases.value(
                  database,
                  "SELECT SUM(u.total_tokens) FROM bedrock_meter_usage u JOIN"
                      + " bedrock_meter_usage_tag t ON t.call_id = u.call_id"
                      + " WHERE t.tag = 'team' AND t.tag_value = 'search'"))
          .isEqualTo("120");
    }
  }

  @Test
  void budgetEventsAreKept() throws Exception {
    DataSource database = Databases.newH2();
    Account day = new Account("day", Unit.TOKENS, "team=search", Instant.EPOCH, Instant.MAX);
    try (UsageJournal journal = journal(database).build()) {
      journal.onDenied(
          new DenialEvent(
              Events.call("a", "us-east-1", "search"),
              new Denied(
                  DenialKind.OVER_LIMIT,
                  "day",
                  "",
                  Amount.tokens(9),
                  Amount.tokens(2),
                  null,
                  null,
                  null),
              true));
      ThresholdEvent threshold =
          new ThresholdEvent(day, new BigDecimal("0.8"), Amount.tokens(81), Amount.tokens(100));
      journal.onThreshold(threshold);
      journal.onThreshold(threshold);
      UsageEvent usage = event("c");
      journal.onSettlementFailed(
          new SettlementFailedEvent(
              usage.call(), usage.usage(), usage.cost(), new IllegalStateException("gone")));
      awaitWritten(journal, 4);
    }

    assertThat(
            Databases.value(
                database,
                "SELECT LISTAGG(kind || ':' || COALESCE(requested, settled, 0), ' ')"
                    + " WITHIN GROUP (ORDER BY kind) FROM bedrock_meter_budget_event"))
        .isEqualTo("DENIED:9 SETTLEMENT_FAILED:0 THRESHOLD:81 THRESHOLD:81");
  }

  @Test
  void aDenialThatWasNotEnforcedIsStoredAsShadow() throws Exception {
    for (DataSource database : List.of(Databases.newH2(), databases.newPostgres())) {
      try (UsageJournal journal = journal(database).build();
          BedrockMeter meter =
              BedrockMeter.builder()
                  .budget(
                      Budget.named("trial")
                          .limit(Amount.requests(1))
                          .window(Window.lifetime())
                          .mode(Budget.Mode.SHADOW)
                          .build())
                  .listener(journal)
                  .build()) {
        BedrockRuntimeClient client = meter.wrap(CannedBedrock.client());
        client.converse(r -> r.modelId("a-model"));
        client.converse(r -> r.modelId("a-model"));
        // Two calls and a denial.
        awaitWritten(journal, 3);
      }

      assertThat(
              Databases.value(
                  database,
                  "SELECT e.kind || '|' || e.budget || '|' || e.unit || '|' || e.requested || '|'"
                      + " || e.available || '|' || u.outcome FROM bedrock_meter_budget_event e"
                      + " JOIN bedrock_meter_usage u ON u.call_id = e.call_id"
                      + " WHERE e.event_id = 'SHADOW:' || u.call_id || ':trial'"))
          .isEqualTo("SHADOW|trial|REQUESTS|1|0|COMPLETED");
    }
  }

  @Test
  void warningsBeforeAndAfterARaisedLimitAreKept() throws Exception {
    DataSource database = Databases.newH2();
    try (UsageJournal journal = journal(database).build();
        BedrockMeter meter = BedrockMeter.builder().budget(warned(100)).listener(journal).build()) {
      charge(meter, 85);
      meter.replaceBudgets(List.of(warned(1_000)), "raised");
      charge(meter, 800);
      // Two charges and a new definition, besides the warnings.
      awaitWritten(journal, 5);
    }

    assertThat(
            Databases.value(
                database,
                "SELECT LISTAGG(settled || ' of ' || limit_amount, ', ')"
                    + " WITHIN GROUP (ORDER BY happened_at)"
                    + " FROM bedrock_meter_budget_event WHERE kind = 'THRESHOLD'"))
        .isEqualTo("85 of 100, 885 of 1000");
  }

  private static Budget warned(long limit) {
    return Budget.named("all")
        .limit(Amount.tokens(limit))
        .window(Window.lifetime())
        .warnAt(0.8)
        .build();
  }

  private static void charge(BedrockMeter meter, long tokens) {
    meter
        .control("all")
        .charge("", Amount.tokens(tokens), "elsewhere")
        .toCompletableFuture()
        .join();
  }

  @Test
  void anEventWhoseCommitWasInDoubtIsStoredOnce() throws Exception {
    DataSource real = Databases.newH2();
    AtomicInteger connections = new AtomicInteger(Integer.MIN_VALUE);
    DataSource database =
        Databases.troubled(
            real,
            () -> {
              // The first writes the event; the second is to make it durable.
              if (connections.incrementAndGet() == 2) {
                throw new SQLException("once");
              }
            });
    try (UsageJournal journal = journal(database).build()) {
      deleteAll(folder.resolve("spill"));
      journal.onUsage(event("first"));
      awaitWritten(journal, 1);
      connections.set(0);

      journal.onBudgetChanged(new BudgetChange.Frozen("day", "", "runaway agent"));

      awaitWritten(journal, 2);
      assertThat(connections).hasValueGreaterThan(2);
    }
    assertThat(Databases.value(real, "SELECT COUNT(*) FROM bedrock_meter_budget_event"))
        .isEqualTo("1");
  }

  @Test
  void changesOfABudgetAreKept() throws Exception {
    DataSource database = Databases.newH2();
    try (UsageJournal journal = journal(database).build();
        BedrockMeter meter = BedrockMeter.builder().budget(tokens(100)).listener(journal).build()) {
      BudgetControl budget = meter.control("all");
      budget.grant(
          new Grant("", Amount.tokens(50), Instant.parse("2126-11-27T17:00:00Z"), "launch"));
      budget.freeze("", "runaway agent");
      budget.thaw("", "stopped it");
      budget.charge("", Amount.tokens(30), "outage").toCompletableFuture().join();
      budget.credit("", Amount.tokens(10), "refund").toCompletableFuture().join();
      budget.mode(Budget.Mode.SHADOW, "trial");
      meter.replaceBudgets(List.of(tokens(200)), "new year");
      meter.replaceBudgets(List.of(), "no more");
      awaitWritten(journal, 8);
    }

    assertThat(
            Databases.value(
                    database,
                    "SELECT LISTAGG(kind || ',' || COALESCE(unit, '') || ','"
                        + " || COALESCE(change_amount, 0) || ',' || COALESCE(settled, 0) || ','"
                        + " || COALESCE(detail, '') || ',' || reason, CHAR(10))"
                        + " WITHIN GROUP (ORDER BY happened_at) FROM bedrock_meter_budget_event"
                        + " WHERE budget = 'all'")
                .lines())
        .containsExactly(
            "GRANTED,TOKENS,50,0,until 2126-11-27T17:00:00Z,launch",
            "FROZEN,,0,0,,runaway agent",
            "THAWED,,0,0,,stopped it",
            "ADJUSTED,TOKENS,30,30,,outage",
            "ADJUSTED,TOKENS,-10,20,,refund",
            "MODE_CHANGED,,0,0,ENFORCE to SHADOW,trial",
            "REDEFINED,,0,0,Budget 'all': 100 tokens lifetime; now Budget 'all': 200 tokens lifetime,"
                + "new year",
            "REMOVED,,0,0,Budget 'all': 200 tokens lifetime,no more");
  }

  private static Budget tokens(long limit) {
    return Budget.named("all").limit(Amount.tokens(limit)).window(Window.lifetime()).build();
  }

  @Test
  void anEventThatComesTwiceIsStoredOnce() throws Exception {
    for (DataSource database : List.of(Databases.newH2(), databases.newPostgres())) {
      try (UsageJournal journal = journal(database).build()) {
        journal.onUsage(event("a"));
        journal.onUsage(event("a"));
        awaitWritten(journal, 2);
        journal.onUsage(event("a"));
        awaitWritten(journal, 3);
      }

      assertThat(Databases.value(database, COUNT)).isEqualTo("1");
    }
  }

  @Test
  void eventsWaitInFilesUntilTheDatabaseIsAvailable() throws Exception {
    String name = Databases.newPostgresDatabase();
    FaultyProxy proxy = FaultyProxy.to(1);
    try (HikariDataSource pool = Databases.pool(proxy.port(), name, 2);
        UsageJournal journal = journal(pool).flushInterval(Duration.ZERO).build()) {
      for (int i = 0; i < 1_200; i++) {
        journal.onUsage(event("call-" + i));
      }
      assertThat(journal.accepted()).isEqualTo(1_200);
      assertThat(journal.pending()).isEqualTo(1_200);

      proxy.target(Databases.postgresPort());

      awaitWritten(journal, 1_200);
      assertThat(Databases.value(pool, COUNT)).isEqualTo("1200");
      assertThat(journal.dropped()).isZero();
    } finally {
      proxy.close();
    }
  }

  @Test
  void connectionsThatAreCutAndRepliesThatAreLostNeitherLoseNorDoubleAnEvent() throws Exception {
    String name = Databases.newPostgresDatabase();
    try (FaultyProxy network = FaultyProxy.to(Databases.postgresPort());
        CommitProxy commits = new CommitProxy(network.port());
        HikariDataSource pool = Databases.pool(commits.port(), name, 2);
        UsageJournal journal = journal(pool).flushInterval(Duration.ofMillis(5)).build()) {
      for (int i = 0; i < 300; i++) {
        journal.onUsage(event("call-" + i));
        if (i % 100 == 50) {
          commits.loseRepliesToCommits(1);
          await().atMost(Duration.ofSeconds(20)).until(() -> journal.pending() == 0);
          network.cut();
        }
      }
      awaitWritten(journal, 300);

      assertThat(commits.lostReplies()).isPositive();
      assertThat(Databases.value(pool, COUNT)).isEqualTo("300");
    }
  }

  @Test
  void closingWithoutADatabaseLeavesEventsForTheNextJournal() throws Exception {
    DataSource database = Databases.newH2();
    FaultyProxy noServer = FaultyProxy.to(1);
    try (HikariDataSource unavailable = Databases.pool(noServer.port(), "none", 1)) {
      UsageJournal journal = journal(unavailable).flushInterval(Duration.ofMinutes(5)).build();
      journal.onUsage(event("a"));
      journal.close();
      assertThat(journal.pending()).isEqualTo(1);
      journal.onUsage(event("late"));
      assertThat(journal.dropped()).isEqualTo(1);
    }
    noServer.close();

    try (UsageJournal next = journal(database).build()) {
      awaitWritten(next, 1);
    }

    assertThat(Databases.value(database, "SELECT call_id FROM bedrock_meter_usage")).isEqualTo("a");
    assertThat(folder.resolve("spill")).isEmptyDirectory();
  }

  @Test
  void aTornRecordIsKeptAsideAndStopsNothing() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = folder.resolve("spill");
    Spill dead = Spill.open(spill, false, 1 << 20);
    dead.append(List.of(JournalEntry.of(UsageRows.of(event("whole"))).toBytes()));
    dead.append(List.of(JournalEntry.of(UsageRows.of(event("torn"))).toBytes()));
    dead.seal();
    dead.append(List.of(JournalEntry.of(UsageRows.of(event("after"))).toBytes()));
    dead.close();
    Path torn = segments(spill).get(0);
    byte[] bytes = Files.readAllBytes(torn);
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 5));

    try (UsageJournal journal = journal(database).build()) {
      awaitWritten(journal, 2);
    }

    assertThat(
            Databases.value(
                database,
                "SELECT LISTAGG(call_id, ' ') WITHIN GROUP (ORDER BY call_id)"
                    + " FROM bedrock_meter_usage"))
        .isEqualTo("after whole");
    try (Stream<Path> files = Files.list(spill)) {
      assertThat(files).singleElement().asString().endsWith(".damaged");
    }
    try (UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("more"));
      awaitWritten(journal, 1);
    }
  }

  @Test
  void foreignFilesStopNothing() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = Files.createDirectories(folder.resolve("spill"));
    leaveBehind(spill, "left");
    List<Path> foreign =
        List.of(
            Files.createFile(spill.resolve("foreign.segment")),
            Files.createFile(spill.resolve("foreign-1.segment")),
            Files.createFile(spill.resolve("foreign.lock")));

    try (UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("new"));
      awaitWritten(journal, 2);
    }

    assertThat(foreign).allSatisfy(file -> assertThat(file).exists());
    assertThat(Databases.value(database, COUNT)).isEqualTo("2");
  }

  @Test
  void aFileThatDisappearsStopsNothing() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = Files.createDirectories(folder.resolve("spill"));
    leaveBehind(spill, "left");
    // Links without a target: listed, but opening them finds no file.
    Path absent = folder.resolve("absent");
    String first = "00000000-0000-0000-0000-000000000000";
    Path lock = Files.createSymbolicLink(spill.resolve(first + ".lock"), absent);
    Path missing = Files.createSymbolicLink(spill.resolve(first + "-000000000001.segment"), absent);
    String owner = segments(spill).get(1).getFileName().toString().replaceFirst("-\\d+\\..*", "");
    Path alsoMissing =
        Files.createSymbolicLink(spill.resolve(owner + "-000000000000.segment"), absent);

    try (UsageJournal journal = journal(database).build()) {
      awaitWritten(journal, 1);
      assertThat(journal.dropped()).isZero();
    }

    assertThat(Databases.value(database, COUNT)).isEqualTo("1");
    for (Path link : List.of(lock, missing, alsoMissing)) {
      Files.deleteIfExists(link);
    }
    assertThat(spill).isEmptyDirectory();
  }

  /** Leaves an event in the directory, as a process that was killed does. */
  private static void leaveBehind(Path spill, String id) throws Exception {
    Spill dead = Spill.open(spill, false, 1 << 20);
    dead.append(List.of(JournalEntry.of(UsageRows.of(event(id))).toBytes()));
    dead.close();
  }

  @Test
  void eventsOfADeletedFileAreCountedAsDropped() throws Exception {
    Path spill = folder.resolve("spill");
    DataSource real = Databases.newH2();
    AtomicBoolean unavailable = new AtomicBoolean(true);
    DataSource database =
        Databases.troubled(
            real,
            () -> {
              if (unavailable.get()) {
                throw new SQLException("unavailable");
              }
            });
    try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
      journal.onUsage(event("a"));
      journal.onUsage(event("b"));
      assertThat(journal.pending()).isEqualTo(2);
      for (Path segment : segments(spill)) {
        Files.delete(segment);
      }
      unavailable.set(false);

      await().atMost(Duration.ofSeconds(20)).until(() -> journal.pending() == 0);
      assertThat(journal.dropped()).isEqualTo(2);
      journal.onUsage(event("c"));
      awaitWritten(journal, 1);
    }
  }

  private static List<Path> segments(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".segment")).sorted().toList();
    }
  }

  @Test
  void aLiveJournalsFilesAreNotTakenByAnother() throws Exception {
    DataSource database = Databases.newH2();
    FaultyProxy noServer = FaultyProxy.to(1);
    try (HikariDataSource unavailable = Databases.pool(noServer.port(), "none", 1);
        UsageJournal waiting = journal(unavailable).flushInterval(Duration.ZERO).build()) {
      waiting.onUsage(event("mine"));
      try (UsageJournal other = journal(database).flushInterval(Duration.ZERO).build()) {
        other.onUsage(event("other"));
        awaitWritten(other, 1);
      }

      assertThat(waiting.pending()).isEqualTo(1);
      assertThat(Databases.value(database, COUNT)).isEqualTo("1");
    } finally {
      noServer.close();
    }
  }

  @Test
  void aLockThatThisJvmHoldsElsewhereStopsNothing() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = Files.createDirectories(folder.resolve("spill"));
    Path lock = spill.resolve(UUID.randomUUID() + ".lock");
    try (FileChannel other =
            FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileLock held = other.lock();
        UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("a"));
      awaitWritten(journal, 1);

      assertThat(held.isValid()).isTrue();
      assertThat(lock).exists();
    }
  }

  @Test
  void charactersThatNoDatabaseStoresAreReplaced() throws Exception {
    for (DataSource database : List.of(Databases.newH2(), databases.newPostgres())) {
      try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
        journal.onUsage(
            event("invalid", "eu-west-1", "nul \u0000, half \ud83d, whole \ud83d\ude00"));
        awaitWritten(journal, 1);
        assertThat(journal.dropped()).isZero();
      }

      assertThat(
              Databases.value(
                  database, "SELECT tag_value FROM bedrock_meter_usage_tag WHERE tag = 'team'"))
          .isEqualTo("nul \ufffd, half \ufffd, whole \ud83d\ude00");
    }
  }

  @Test
  void aTagIsCutAtTheLimitOfBedrocksMetadata() throws Exception {
    DataSource database = databases.newPostgres();
    try (UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("long", "eu-west-1", "\u6f22".repeat(5_000)));
      awaitWritten(journal, 1);
    }

    assertThat(
            Databases.value(
                database,
                "SELECT LENGTH(tag_value) FROM bedrock_meter_usage_tag WHERE tag = 'team'"))
        .isEqualTo("256");
  }

  @Test
  void aRowThatTheDatabaseRefusesIsSetAsideAndStopsNothing() throws Exception {
    DataSource database = databases.newPostgres();
    try (UsageJournal first = journal(database).build()) {
      first.onUsage(event("first"));
      awaitWritten(first, 1);
    }
    Databases.execute(database, "ALTER TABLE bedrock_meter_usage ADD CHECK (region <> 'nowhere')");
    try (UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("a"));
      journal.onUsage(event("b", "nowhere", "search"));
      journal.onUsage(event("c"));
      awaitWritten(journal, 3);
    }

    assertThat(Databases.value(database, COUNT)).isEqualTo("3");
    assertThat(folder.resolve("spill").resolve("refused.jsonl"))
        .content()
        .contains("\"callId\":\"b\"");
  }

  @Test
  void aDeletedDirectoryLosesNothingWhileTheDatabaseIsAvailable() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = folder.resolve("spill");
    try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
      deleteAll(spill);

      journal.onUsage(event("a"));

      awaitWritten(journal, 1);
      Files.createDirectories(spill);
      journal.onUsage(event("b"));
      awaitWritten(journal, 2);
    }
    assertThat(Databases.value(database, COUNT)).isEqualTo("2");
  }

  @Test
  void anErrorOfTheDriverDoesNotEndTheJournal() throws Exception {
    DataSource real = Databases.newH2();
    AtomicInteger connections = new AtomicInteger();
    DataSource database =
        Databases.troubled(
            real,
            () -> {
              if (connections.getAndIncrement() < 2) {
                throw new NoClassDefFoundError("twice");
              }
            });
    try (UsageJournal journal = journal(database).build()) {
      journal.onUsage(event("a"));
      awaitWritten(journal, 1);
    }
    assertThat(Databases.value(real, COUNT)).isEqualTo("1");
  }

  @Test
  void anErrorDoesNotLeaveCallersWaitingForRoom() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    DataSource database =
        Databases.troubled(
            Databases.newH2(),
            () -> {
              if (connections.getAndIncrement() < 2) {
                throw new OutOfMemoryError("twice");
              }
            });
    try (UsageJournal journal =
        journal(database).queueCapacity(1).waitAtMost(Duration.ofMinutes(1)).build()) {
      deleteAll(folder.resolve("spill"));
      Thread caller =
          new Thread(
              () -> {
                for (int i = 0; i < 5; i++) {
                  journal.onUsage(event("call-" + i));
                }
              });
      caller.setDaemon(true);
      caller.start();

      caller.join(20_000);
      assertThat(caller.isAlive()).isFalse();
      awaitWritten(journal, 5);
    }
  }

  @Test
  void aFullQueueDropsEventsOnlyIfSetTo() throws Exception {
    Path spill = folder.resolve("spill");
    FaultyProxy noServer = FaultyProxy.to(1);
    try (HikariDataSource unavailable = Databases.pool(noServer.port(), "none", 1);
        UsageJournal dropping =
            journal(unavailable)
                .flushInterval(Duration.ZERO)
                .queueCapacity(2)
                .onOverflow(Overflow.DROP)
                .closeWithin(Duration.ofMillis(100))
                .build()) {
      deleteAll(spill);
      for (int i = 0; i < 5; i++) {
        dropping.onUsage(event("call-" + i));
      }

      assertThat(dropping.accepted()).isEqualTo(2);
      assertThat(dropping.dropped()).isEqualTo(3);
    } finally {
      noServer.close();
    }
  }

  @Test
  void aFullQueueMakesItsCallerWaitUntilThereIsRoom() throws Exception {
    DataSource database = Databases.newH2();
    Path spill = folder.resolve("spill");
    FaultyProxy noServer = FaultyProxy.to(1);
    try (HikariDataSource unavailable = Databases.pool(noServer.port(), "none", 1);
        UsageJournal waiting =
            journal(unavailable)
                .flushInterval(Duration.ZERO)
                .queueCapacity(2)
                .waitAtMost(Duration.ofMinutes(1))
                .build()) {
      deleteAll(spill);
      Thread caller =
          new Thread(
              () -> {
                for (int i = 0; i < 3; i++) {
                  waiting.onUsage(event("call-" + i));
                }
              });
      caller.start();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> caller.getState() == Thread.State.TIMED_WAITING && waiting.accepted() == 2);

      Files.createDirectories(spill);

      caller.join(10_000);
      assertThat(waiting.accepted()).isEqualTo(3);
      assertThat(waiting.dropped()).isZero();
    } finally {
      noServer.close();
    }
    try (UsageJournal next = journal(database).build()) {
      awaitWritten(next, 3);
    }
  }

  private static void deleteAll(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Test
  void anInterruptedCallerWritesItsEventAndKeepsItsInterrupt() throws Exception {
    DataSource database = Databases.newH2();
    try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
      Thread.currentThread().interrupt();
      journal.onUsage(event("a"));
      assertThat(Thread.interrupted()).isTrue();
      journal.onUsage(event("b"));
      awaitWritten(journal, 2);
    }
  }

  @Test
  void noTextOfAPromptOrACompletionIsKept() throws Exception {
    DataSource database = Databases.newH2();
    String dump;
    try (UsageJournal journal = journal(database).flushInterval(Duration.ZERO).build()) {
      BedrockRuntimeClient client = Events.meteredClient(journal);
      Message question =
          Message.builder()
              .role(ConversationRole.USER)
              .content(ContentBlock.fromText("Where is the treasure?"))
              .build();
      SystemContentBlock role = SystemContentBlock.fromText("You are a pirate.");
      client.converse(r -> r.modelId("a-model").messages(question).system(role));
      awaitWritten(journal, 1);
      dump = dump(database);
    }

    assertThat(dump).contains("Converse").doesNotContain("treasure", "pirate", "How can I help");
  }

  private static String dump(DataSource database) throws Exception {
    Path file = Files.createTempFile("journal", ".sql");
    Databases.execute(database, "SCRIPT TO '" + file + "'");
    String dump = Files.readString(file);
    Files.delete(file);
    return dump;
  }
}
