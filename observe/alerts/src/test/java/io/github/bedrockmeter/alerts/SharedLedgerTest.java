// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two meters, each with alerts of its own as in two processes, on one ledger. */
class SharedLedgerTest {
  /** A database compares windows with its own clock. */
  private final FakeTime time = FakeTime.at(Instant.now().toString());

  private static Budget lifetime() {
    return Budget.named("all")
        .limit(Amount.usd("100"))
        .window(Window.lifetime())
        .per("team")
        .warnAt(0.3, 1.0)
        .build();
  }

  private Ledger ledger(String kind) {
    return kind.equals("memory")
        ? Ledger.inMemory(time, time, 1_000)
        : JdbcLedger.builder(database()).build();
  }

  private static JdbcDataSource database() {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    return database;
  }

  /** Calls of both processes until one is denied in each; titles of both processes' alerts. */
  private static List<String> used(Scene one, Scene two) throws Exception {
    for (int i = 0; i < 3; i++) {
      one.call("acme", 10);
      two.call("acme", 10);
    }
    assertThat(one.call("acme", 50)).isFalse();
    assertThat(two.call("acme", 50)).isFalse();
    List<String> titles = new ArrayList<>();
    // The database answers on other threads, which report the thresholds.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              one.alerts.work();
              two.alerts.work();
              titles.clear();
              titles.addAll(one.titles());
              titles.addAll(two.titles());
              assertThat(titles.toString()).contains("30 %", "exhausted", "denies");
            });
    return titles;
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "h2"})
  void aThresholdIsAlertedByOneProcessOfTheFleet(String kind) throws Exception {
    try (Ledger ledger = ledger(kind);
        Scene one = new Scene(time, ledger, a -> a, m -> m, lifetime());
        Scene two = new Scene(time, ledger, a -> a, m -> m, lifetime())) {
      List<String> titles = used(one, two);

      assertThat(titles)
          .filteredOn(
              title -> title.equals("budget 'all' (team=acme) has reached 30 % of its limit"))
          .hasSize(1);
      assertThat(titles)
          .as("each process knows of its own denials alone")
          .filteredOn(title -> title.equals("budget 'all' (team=acme) denies calls: over limit"))
          .hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "h2"})
  void withOnceInAllElseIsAlertedByOneProcessToo(String kind) throws Exception {
    try (Ledger ledger = ledger(kind);
        Scene one = new Scene(time, ledger, a -> a.onceIn(ledger), m -> m, lifetime());
        Scene two = new Scene(time, ledger, a -> a.onceIn(ledger), m -> m, lifetime())) {
      List<String> titles = used(one, two);

      assertThat(titles)
          .containsExactlyInAnyOrder(
              "budget 'all' (team=acme) has reached 30 % of its limit",
              "budget 'all' (team=acme) is exhausted",
              "budget 'all' (team=acme) denies calls: over limit");
      assertThat(
              ledger
                  .find(new AccountQuery("bedrock-meter-alerts", null, 10))
                  .toCompletableFuture()
                  .join())
          .hasSize(2)
          .allSatisfy(
              balance -> {
                assertThat(balance.settled()).isEqualTo(1);
                assertThat(balance.held()).isZero();
                assertThat(balance.account().scope()).doesNotContain("acme");
              });
    }
  }

  @Test
  void paceIsAlertedByOneProcessWithOnceIn() throws Exception {
    FakeTime noon = FakeTime.at("2026-11-30T12:00:00Z");
    Ledger ledger = Ledger.inMemory(noon, noon, 1_000);
    Budget budget = Scene.daily().limit(Amount.usd("100")).build();
    try (Scene one = new Scene(noon, ledger, a -> a.onceIn(ledger), m -> m, budget);
        Scene two = new Scene(noon, ledger, a -> a.onceIn(ledger), m -> m, budget)) {
      for (int i = 0; i < 3; i++) {
        one.call("acme", 10);
      }
      one.alerts.watch(one.meter);
      two.alerts.watch(two.meter);

      assertThat(two.titles()).as("the first to look, though it made no call").hasSize(1);
      assertThat(two.titles().get(0)).startsWith("at this rate budget 'daily' (team=acme)");
      assertThat(one.titles()).isEmpty();
    }
  }

  @Test
  void whatNoChannelOfAProcessTakesIsLeftToTheOthers() throws Exception {
    Ledger ledger = Ledger.inMemory(time, time, 1_000);
    try (Receiver pager = new Receiver();
        Receiver chat = new Receiver()) {
      Alerts critical = alerts(pager, Route.from(Alert.Severity.CRITICAL), ledger);
      Alerts all = alerts(chat, Route.from(Alert.Severity.INFO), ledger);
      critical.onDenied(ManyDenialsTest.denial(time, 1));
      critical.work();
      all.onDenied(ManyDenialsTest.denial(time, 1));
      all.work();

      assertThat(pager.messages()).isEmpty();
      assertThat(chat.messages())
          .extracting(message -> message.get("title").textValue())
          .containsExactly("budget 'monthly' (team=t1) denies calls: over limit");
    }
  }

  private Alerts alerts(Receiver receiver, Route route, Ledger ledger) {
    return Alerts.builder()
        .channel(AlertChannel.webhook(receiver.url(), Scene.KEY), route)
        .onceIn(ledger)
        .clock(time)
        .nanoClock(time)
        .withoutThread()
        .build();
  }

  @Test
  void whereTheLedgerCannotSayEachProcessSends() throws Exception {
    Ledger broken = new BrokenLedger(Ledger.inMemory(time, time, 1_000));
    ((BrokenLedger) broken).broken = true;
    try (Scene scene =
        new Scene(time, null, a -> a.onceIn(broken), m -> m, Scene.daily().build())) {
      scene.call("acme", 5_000);

      assertThat(scene.titles()).hasSize(1);
    }
  }

  @Test
  void holdsOfAProcessThatEndedAreAlertedUntilTheyAreGone() throws Exception {
    Account account = new Account("all", Unit.NANO_USD, "", Instant.EPOCH, Instant.MAX);
    Budget budget = Budget.named("all").limit(Amount.usd("100")).window(Window.lifetime()).build();
    List<Hold> lost = List.of(new Hold("lost", account, 30_000_000_000L, 100_000_000_000L, true));
    try (Ledger ledger = JdbcLedger.builder(database()).abandonAfter(Duration.ofMillis(1)).build();
        Scene scene = new Scene(time, ledger, a -> a, m -> m, budget)) {
      assertThat(ledger.hold(lost).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
      scene.alerts.watch(scene.meter);

      JsonNode message =
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .until(
                  () -> {
                    time.advance(Duration.ofSeconds(30));
                    return scene.messages();
                  },
                  messages -> !messages.isEmpty())
              .get(0);
      assertThat(message.get("title").textValue())
          .isEqualTo("budget 'all' holds $30.00 for calls whose process has probably ended");
      assertThat(message.get("commands").findValuesAsText("line"))
          .containsExactly("bedrock-meter show all", "bedrock-meter release-abandoned all");
      for (int i = 0; i < 5; i++) {
        time.advance(Duration.ofSeconds(30));
        assertThat(scene.messages()).as("once").hasSize(1);
      }
    }
  }
}
