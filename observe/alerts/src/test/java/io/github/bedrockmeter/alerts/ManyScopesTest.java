// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** More scopes are denied than are remembered. */
class ManyScopesTest {
  private final FakeTime time = FakeTime.at("2026-11-30T12:00:00Z");
  private final MeteredCall call = SampleCalls.converse().id("call-1").build();

  private Scene scene() {
    Scene scene =
        new Scene(
            time,
            null,
            alerts -> alerts.mostRemembered(5).messageEvery(Duration.ofSeconds(1)),
            meter -> meter,
            Scene.daily().limit(Amount.usd("100")).build());
    for (int i = 0; i < 20; i++) {
      scene.alerts.onDenied(ManyDenialsTest.denial(time, i));
    }
    return scene;
  }

  private void lostHold(Scene scene, String scope) {
    Account account = new Account("daily", Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
    scene.alerts.onChargedWithoutHold(
        new ChargedWithoutHoldEvent(call, account, Amount.tokens(70)));
  }

  private void settlementFailed(Scene scene) {
    scene.alerts.onSettlementFailed(
        new SettlementFailedEvent(
            call, call.estimate(), Cost.NOTHING, new IllegalStateException()));
  }

  /** Titles of all alerts so far, those in digests too. */
  private static List<String> alertTitles(Scene scene) throws Exception {
    return scene.messages().stream()
        .flatMap(message -> message.get("alerts").findValuesAsText("title").stream())
        .toList();
  }

  @Test
  void deniedScopesSilenceNoOtherKindOfAlert() throws Exception {
    try (Scene scene = scene()) {
      scene.messages();
      time.advance(Duration.ofSeconds(10));
      lostHold(scene, "team=acme");
      settlementFailed(scene);
      scene.call("new.model-v1:0", "acme", 10);
      scene.messages();
      time.advance(Duration.ofSeconds(10));
      for (int i = 0; i < 4; i++) {
        scene.call("pace", 10); // 80 of 100 at noon
      }
      scene.alerts.watch(scene.meter);

      assertThat(alertTitles(scene))
          .contains(
              "the ledger had lost a hold of budget 'daily' (team=acme)",
              "a call could not be settled: its estimate stays held",
              "model new.model-v1:0 is in use without a price")
          .anySatisfy(
              title -> assertThat(title).startsWith("at this rate budget 'daily' (team=pace)"));
    }
  }

  @Test
  void lostHoldsOfManyScopesSilenceNoFailedSettlement() throws Exception {
    try (Scene scene = scene()) {
      for (int i = 0; i < 20; i++) {
        lostHold(scene, "team=t" + i);
      }
      settlementFailed(scene);

      assertThat(alertTitles(scene))
          .contains("a call could not be settled: its estimate stays held");
    }
  }

  @Test
  void whatIsNewIsCountedAsRepeatedWhereNoMoreIsRemembered() throws Exception {
    try (Scene scene = scene()) {
      for (int i = 0; i < 8; i++) {
        scene.call("new.model-v" + i, "acme", 10);
      }
      scene.messages();
      time.advance(Duration.ofHours(1));

      assertThat(alertTitles(scene)).contains("3 more: model without a price");
    }
  }

  @Test
  void repeatedLostHoldsAndFailedSettlementsAreAsCriticalAsTheFirst() throws Exception {
    try (Scene scene = scene()) {
      for (int i = 0; i < 3; i++) {
        lostHold(scene, "team=acme");
        settlementFailed(scene);
      }
      scene.messages();
      time.advance(Duration.ofHours(1));

      List<JsonNode> repeated = new ArrayList<>();
      for (JsonNode message : scene.messages()) {
        message.get("alerts").forEach(repeated::add);
      }
      assertThat(repeated)
          .extracting(
              alert -> alert.get("severity").textValue() + ": " + alert.get("title").textValue())
          .contains("critical: 2 more: lost hold, 'daily'", "critical: 2 more: settlement failed")
          .anySatisfy(line -> assertThat(line).matches("warning: \\d+ more: denied calls.*"));
    }
  }
}
