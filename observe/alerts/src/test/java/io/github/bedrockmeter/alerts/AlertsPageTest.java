// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/alerts.md has every kind of alert, its severity, and texts that are really sent. */
class AlertsPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `([A-Z_]+)` \\| (.*) \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$");

  private record Row(Kind kind, String severity, String example) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../../docs/alerts.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(new Row(Kind.valueOf(row.group(1)), row.group(3), row.group(5)));
      }
    }
    return rows;
  }

  private static void take(Scene scene, List<JsonNode> alerts) throws InterruptedException {
    // An hour at a time, so that each alert is a message of its own.
    for (int i = 0; i < 5; i++) {
      scene.alerts.work();
      scene.time.advance(Duration.ofSeconds(40));
    }
    alerts.clear();
    scene.receiver.messages().forEach(message -> message.get("alerts").forEach(alerts::add));
  }

  /** Every kind of alert once or more. */
  private static List<JsonNode> allKinds() throws Exception {
    FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
    BrokenLedger ledger = new BrokenLedger(Ledger.inMemory(time, time, 1_000));
    Budget daily = Scene.daily().limit(Amount.usd("100")).warnAt(0.5, 1.0).build();
    Budget calls =
        Budget.named("calls")
            .limit(Amount.requests(1_000_000))
            .window(Window.daily(ZoneOffset.UTC))
            .when(call -> !call.modelId().equals(Scene.MODEL))
            .build();
    List<JsonNode> alerts = new ArrayList<>();
    try (Scene scene =
        new Scene(
            time,
            ledger,
            a -> a.messageEvery(Duration.ofSeconds(1)).lookEvery(Duration.ofSeconds(1)),
            m -> m,
            daily,
            calls)) {
      for (int i = 0; i < 3; i++) {
        scene.call("acme", 10);
      }
      scene.alerts.watch(scene.meter);
      take(scene, alerts);
      for (int i = 0; i < 5; i++) {
        scene.call("acme", 30);
      }
      take(scene, alerts);
      scene.call("new.model-v1:0", "acme", 10);
      scene.meter.replaceBudgets(List.of(daily), "price is known soon");
      take(scene, alerts);
      var control = scene.meter.control("daily");
      control.freeze("team=acme", "runaway job");
      control.thaw("team=acme", "fixed");
      control.grant(new Budget.Grant("team=acme", Amount.usd("50"), Instant.MAX, "launch"));
      take(scene, alerts);
      scene.meter.bypass("store is restored", Instant.parse("2026-11-30T12:00:00Z"));
      scene.meter.endBypass("store is back");
      take(scene, alerts);
      scene.bedrock.onAnyModel().reply(Reply.text("Hi").withoutUsage());
      for (int i = 0; i < 10; i++) {
        scene.call("team-" + i, 10);
      }
      MeteredCall call = SampleCalls.converse().build();
      Account account = new Account("daily", Unit.TOKENS, "team=acme", Instant.EPOCH, Instant.MAX);
      scene.alerts.onChargedWithoutHold(
          new ChargedWithoutHoldEvent(call, account, Amount.tokens(70)));
      scene.alerts.onSettlementFailed(
          new SettlementFailedEvent(
              call, call.estimate(), Cost.NOTHING, new IllegalStateException()));
      take(scene, alerts);
      ledger.broken = true;
      for (int i = 0; i < 8; i++) {
        scene.call("team-" + i, 10);
      }
      scene.alerts.work();
      time.advance(Duration.ofMinutes(2));
      ledger.broken = false;
      scene.call("team-1", 10);
      take(scene, alerts);
      ledger.abandoned =
          new Balance(
              new Account("all", Unit.NANO_USD, "", Instant.EPOCH, Instant.MAX),
              0,
              30_000_000_000L,
              30_000_000_000L);
      scene.meter.replaceBudgets(
          List.of(
              daily,
              Budget.named("all").limit(Amount.usd("100")).window(Window.lifetime()).build()),
          "another");
      take(scene, alerts);
      time.advance(Duration.ofHours(1));
      take(scene, alerts);
    }
    return alerts;
  }

  @Test
  void thePageListsEveryKindWithItsSeverityAndATextThatIsSent() throws Exception {
    List<Row> rows = rows();
    List<JsonNode> alerts = allKinds();

    Set<Kind> listed = EnumSet.noneOf(Kind.class);
    rows.forEach(row -> assertThat(listed.add(row.kind())).as("once: %s", row.kind()).isTrue());
    assertThat(listed).isEqualTo(EnumSet.allOf(Kind.class));
    for (Row row : rows) {
      assertThat(alerts)
          .as("an alert as in the page: %s", row)
          .anySatisfy(
              alert -> {
                assertThat(alert.get("kind").textValue()).isEqualToIgnoringCase(row.kind().name());
                assertThat(alert.get("title").textValue()).isEqualTo(row.example());
              });
      assertThat(alerts)
          .filteredOn(alert -> alert.get("kind").textValue().equalsIgnoreCase(row.kind().name()))
          .allSatisfy(
              alert ->
                  assertThat(row.severity())
                      .containsIgnoringCase(alert.get("severity").textValue()));
    }
    assertThat(alerts)
        .as("each says how to look")
        .allSatisfy(
            alert ->
                assertThat(alert.get("commands").get(0).get("line").textValue())
                    .startsWith("bedrock-meter "));
  }
}
