// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is alerted, and what the alerts say. */
class AlertsTest {

  private static List<String> details(JsonNode message) {
    return Receiver.JSON.convertValue(
        message.get("details"),
        Receiver.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
  }

  private static List<String> commands(JsonNode message) {
    return message.get("commands").findValuesAsText("line");
  }

  @Test
  void aThresholdIsAlertedOnceWithWhatIsLeftAndWhatToType() throws Exception {
    try (Scene scene = new Scene(Scene.daily().limit(Amount.usd("100")).warnAt(0.5).build())) {
      scene.call("acme", 10);
      scene.call("acme", 10);
      assertThat(scene.titles()).isEmpty();
      scene.call("acme", 10);

      JsonNode message = scene.messages().get(0);
      assertThat(scene.titles())
          .containsExactly("budget 'daily' (team=acme) has reached 50 % of its limit");
      assertThat(message.get("severity").textValue()).isEqualTo("warning");
      assertThat(message.get("alerts").get(0).get("kind").textValue()).isEqualTo("threshold");
      assertThat(details(message))
          .containsExactly(
              "$60.00 of $100.00 are settled.",
              "$40.00 are left.",
              "The window ends Tuesday 2026-12-01 00:00 UTC, in 14h 0m.");
      assertThat(commands(message))
          .containsExactly(
              "bedrock-meter show --window 2026-11-30T00:00:00Z daily team=acme",
              "bedrock-meter adjust --reason 'granted after an alert' daily team=acme -10usd");
    }
  }

  @Test
  void anExhaustedBudgetAndItsFirstDenialAreAlertedOnceAWindow() throws Exception {
    Budget budget = Scene.daily().limit(Amount.usd("100")).warnAt(1.0).build();
    try (Scene scene = new Scene(budget)) {
      scene.alerts.watch(scene.meter);
      assertThat(scene.call("acme", 500)).as("larger than the whole limit").isFalse();
      for (int i = 0; i < 3; i++) {
        assertThat(scene.call("acme", 10)).isTrue();
      }
      for (int i = 0; i < 5; i++) {
        assertThat(scene.call("acme", 30)).isFalse();
      }

      assertThat(scene.titles())
          .containsExactlyInAnyOrder(
              "budget 'daily' (team=acme) denies calls: never fits",
              "budget 'daily' (team=acme) is exhausted",
              "budget 'daily' (team=acme) denies calls: over limit");
      scene.time.advance(Duration.ofHours(2));
      assertThat(scene.titles()).hasSize(4).last().isEqualTo("4 more: denied calls, 'daily'");

      scene.time.set("2026-12-01T00:00:00Z");
      for (int i = 0; i < 5; i++) {
        scene.call("acme", 10);
      }
      assertThat(scene.titles())
          .hasSize(6)
          .filteredOn(title -> title.equals("budget 'daily' (team=acme) is exhausted"))
          .hasSize(2);
      assertThat(scene.messages())
          .filteredOn(message -> message.get("title").textValue().contains("exhausted"))
          .allSatisfy(
              message -> {
                assertThat(message.get("severity").textValue()).isEqualTo("critical");
                assertThat(details(message))
                    .contains(
                        "Calls that do not fit are denied until then, or until more is granted.");
              });
    }
  }

  @Test
  void aBudgetThatOnlyObservesIsNoCriticalAlert() throws Exception {
    try (Scene scene =
        new Scene(
            Scene.daily().limit(Amount.usd("10")).mode(Mode.OBSERVE).warnAt(1.0, 2.0).build())) {
      scene.alerts.watch(scene.meter);
      scene.call("acme", 50);

      assertThat(scene.messages())
          .allSatisfy(
              message -> assertThat(message.get("severity").textValue()).isEqualTo("warning"));
      assertThat(scene.titles())
          .containsExactlyInAnyOrder(
              "budget 'daily' (team=acme) is exhausted",
              "budget 'daily' (team=acme) has reached 200 % of its limit");
      assertThat(scene.messages().toString()).contains("in mode OBSERVE: its calls pass");
    }
  }

  @Test
  void aShadowsDenialIsForTheRecord() throws Exception {
    try (Scene scene = new Scene(Scene.daily().limit(Amount.usd("10")).mode(Mode.SHADOW).build())) {
      assertThat(scene.call("acme", 50)).isTrue();

      assertThat(scene.titles())
          .containsExactly("budget 'daily' (team=acme) would deny calls: never fits");
      assertThat(scene.messages().get(0).get("severity").textValue()).isEqualTo("info");
    }
  }

  @Test
  void paceSaysWhenABudgetIsGone() throws Exception {
    FakeTime time = FakeTime.at("2026-11-30T00:10:00Z");
    try (Scene scene =
        new Scene(
            time,
            null,
            alerts -> alerts.zone(ZoneId.of("Europe/Berlin")),
            meter -> meter,
            Scene.daily().limit(Amount.usd("100")).build())) {
      scene.alerts.watch(scene.meter);
      scene.call("acme", 10);
      scene.call("acme", 10);
      assertThat(scene.titles()).as("ten minutes of a day say little").isEmpty();

      time.set("2026-11-30T04:00:00Z"); // 40 of 100 in 4 hours: gone after 10 hours
      assertThat(scene.titles())
          .containsExactly(
              "at this rate budget 'daily' (team=acme) is gone by Monday 2026-11-30 11:00 CET");
      assertThat(details(scene.messages().get(0)))
          .containsExactly(
              "$40.00 of $100.00 were settled since Monday 2026-11-30 01:00 CET.",
              "The window ends Tuesday 2026-12-01 01:00 CET, in 20h 0m; by then it would be"
                  + " $240.00.");
      assertThat(commands(scene.messages().get(0))).last().asString().endsWith("-140usd");

      time.advance(Duration.ofMinutes(1));
      scene.messages();
      assertThat(scene.titles()).as("once a window").hasSize(1);
    }
  }

  @Test
  void paceIsSilentWhereTheLimitSuffices() throws Exception {
    try (Scene scene =
        new Scene(
            FakeTime.at("2026-11-30T23:00:00Z"), null, a -> a, m -> m, Scene.daily().build())) {
      scene.alerts.watch(scene.meter);
      for (int i = 0; i < 40; i++) {
        scene.call("acme", 50); // 800 of 1,000 an hour before the end
      }

      assertThat(scene.titles()).isEmpty();
    }
  }

  @Test
  void changesOfBudgetsAreAlertedWithTheirReason() throws Exception {
    try (Scene scene = new Scene(Scene.daily().build())) {
      var control = scene.meter.control("daily");
      control.freeze("team=acme", "runaway job");
      control.thaw("team=acme", "fixed");
      control.mode(Mode.OBSERVE, "launch day");
      assertThat(scene.titles())
          .containsExactly(
              "budget 'daily' (team=acme) is frozen",
              "budget 'daily' (team=acme) is thawed: its calls are taken again",
              "budget 'daily' is in mode OBSERVE");
      assertThat(details(scene.messages().get(0)))
          .containsExactly(
              "Its calls are denied whatever is left, until it is thawed.", "Reason: runaway job");
      scene.time.advance(Duration.ofMinutes(10));
      control.grant(
          new Budget.Grant(
              "team=acme", Amount.usd("50"), Instant.parse("2026-12-04T12:00:00Z"), "launch"));
      control.charge("team=acme", Amount.usd("7"), "bill").join();
      scene.meter.replaceBudgets(List.of(), "all off");
      assertThat(scene.titles().subList(3, 6))
          .containsExactly(
              "budget 'daily' (team=acme) was granted $50.00 more",
              "budget 'daily' (team=acme) was corrected by hand",
              "budget 'daily' was removed: it limits nothing any more");
      assertThat(details(scene.messages().get(3)))
          .containsExactly("Until Friday 2026-12-04 12:00 UTC, in 4d 1h.", "Reason: launch");
      assertThat(details(scene.messages().get(4)))
          .containsExactly("Settled before: $0.00; now: $7.00.", "Reason: bill");
    }
  }

  @Test
  void theEmergencySwitchIsAlertedWhenItBeginsAndEnds() throws Exception {
    try (Scene scene = new Scene()) {
      scene.meter.bypass("store is restored", Instant.parse("2026-11-30T12:00:00Z"));
      scene.meter.endBypass("store is back");

      assertThat(scene.titles())
          .containsExactly(
              "all calls pass until Monday 2026-11-30 12:00 UTC, whatever budgets say",
              "the bypass is over: budgets are enforced again");
      assertThat(scene.messages())
          .allSatisfy(
              message -> assertThat(message.get("severity").textValue()).isEqualTo("critical"));
    }
  }

  @Test
  void aModelWithoutAPriceIsAlertedOnceADay() throws Exception {
    try (Scene scene =
        new Scene(
            Budget.named("calls")
                .limit(Amount.requests(1_000))
                .window(Window.daily(ZoneOffset.UTC))
                .build())) {
      scene.call("new.model-v1:0", "acme", 10);
      scene.call("new.model-v1:0", "acme", 10);

      assertThat(scene.titles()).containsExactly("model new.model-v1:0 is in use without a price");
      assertThat(commands(scene.messages().get(0)).get(0))
          .startsWith("bedrock-meter prices show --region=")
          .endsWith(" new.model-v1:0");
      scene.time.advance(Duration.ofDays(1));
      scene.call("new.model-v1:0", "acme", 10);
      assertThat(scene.titles()).hasSize(2);
    }
  }

  @Test
  void aModelWithoutAPriceThatIsDeniedIsAlertedToo() throws Exception {
    try (Scene scene = new Scene(Scene.daily().build())) {
      assertThat(scene.call("new.model-v1:0", "acme", 10)).isFalse();

      assertThat(scene.titles())
          .containsExactlyInAnyOrder(
              "model new.model-v1:0 is in use without a price",
              "budget 'daily' (team=acme) denies calls: no price");
    }
  }

  @Test
  void tenCallsWithAnomaliesInFiveMinutesAreABurst() throws Exception {
    try (Scene scene = new Scene(Scene.daily().limit(Amount.usd("1000000")).build())) {
      scene.bedrock.onAnyModel().reply(Reply.text("Hi").withoutUsage());
      for (int i = 0; i < 9; i++) {
        scene.call("acme", 10);
      }
      scene.time.advance(Duration.ofMinutes(6));
      for (int i = 0; i < 9; i++) {
        scene.call("acme", 10);
      }
      assertThat(scene.titles()).as("nine, and nine later").isEmpty();
      for (int i = 0; i < 30; i++) {
        scene.call("acme", 10);
      }

      assertThat(scene.titles())
          .containsExactly("10 calls within 5m 0s reported counts that do not fit: USAGE_MISSING");
    }
  }

  @Test
  void tenCallsWithAnomaliesInAnyFiveMinutesAreABurst() throws Exception {
    try (Scene scene = new Scene(Scene.daily().limit(Amount.usd("1000000")).build())) {
      scene.bedrock.onAnyModel().reply(Reply.text("Hi").withoutUsage());
      scene.call("acme", 10);
      scene.time.advance(Duration.ofMinutes(4));
      for (int i = 0; i < 5; i++) {
        scene.call("acme", 10);
      }
      scene.time.advance(Duration.ofMinutes(2));
      for (int i = 0; i < 4; i++) {
        scene.call("acme", 10);
      }
      assertThat(scene.titles()).as("ten in six minutes, nine in two").isEmpty();
      scene.call("acme", 10);

      assertThat(scene.titles())
          .containsExactly("10 calls within 5m 0s reported counts that do not fit: USAGE_MISSING");
    }
  }

  @Test
  void lostHoldsAndFailedSettlementsAreAlertedOnceAnHourAndCounted() throws Exception {
    MeteredCall call = SampleCalls.converse().id("call-1").build();
    Account account = new Account("daily", Unit.TOKENS, "team=acme", Instant.EPOCH, Instant.MAX);
    try (Scene scene = new Scene()) {
      for (int i = 0; i < 4; i++) {
        scene.alerts.onChargedWithoutHold(
            new ChargedWithoutHoldEvent(call, account, Amount.tokens(70)));
        scene.alerts.onSettlementFailed(
            new SettlementFailedEvent(
                call, call.estimate(), Cost.NOTHING, new IllegalStateException("CANARY")));
      }
      assertThat(scene.titles())
          .containsExactly(
              "the ledger had lost a hold of budget 'daily' (team=acme)",
              "a call could not be settled: its estimate stays held");
      scene.time.advance(Duration.ofHours(1));

      JsonNode digest = scene.messages().get(2);
      assertThat(scene.titles().subList(2, 4))
          .containsExactlyInAnyOrder("3 more: lost hold, 'daily'", "3 more: settlement failed");
      assertThat(scene.messages().toString()).doesNotContain("CANARY");
      assertThat(digest.get("count").longValue()).isEqualTo(1);
    }
  }
}
