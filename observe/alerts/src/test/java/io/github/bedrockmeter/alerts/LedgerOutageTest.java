// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ledger that stops to answer, and answers again. */
class LedgerOutageTest {
  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
  private final BrokenLedger ledger = new BrokenLedger(Ledger.inMemory(time, time, 1_000));

  private List<JsonNode> ofOutages(Scene scene) throws Exception {
    return scene.messages().stream()
        .flatMap(
            message -> {
              List<JsonNode> alerts = new ArrayList<>();
              message.get("alerts").forEach(alerts::add);
              return alerts.stream();
            })
        .filter(alert -> alert.get("kind").textValue().startsWith("ledger_"))
        .toList();
  }

  private static void callsOfManyTeams(Scene scene, int count) {
    for (int i = 0; i < count; i++) {
      scene.call("team-" + i, 10);
    }
  }

  @Test
  void eachOutageIsAlertedOnceAndSoIsItsEnd() throws Exception {
    try (Scene scene = new Scene(time, ledger, a -> a, m -> m, Scene.daily().build())) {
      scene.alerts.watch(scene.meter);
      callsOfManyTeams(scene, 10);
      assertThat(ofOutages(scene)).isEmpty();

      for (int outage = 0; outage < 3; outage++) {
        ledger.broken = true;
        for (int second = 0; second < 125; second++) {
          callsOfManyTeams(scene, 8);
          scene.messages();
          time.advance(Duration.ofSeconds(1));
        }
        assertThat(ofOutages(scene)).hasSize(2 * outage + 1);
        ledger.broken = false;
        for (int second = 0; second < 120; second++) {
          callsOfManyTeams(scene, 8);
          scene.messages();
          time.advance(Duration.ofSeconds(1));
        }
        assertThat(ofOutages(scene)).hasSize(2 * outage + 2);
      }

      List<JsonNode> alerts = ofOutages(scene);
      assertThat(alerts)
          .extracting(alert -> alert.get("kind").textValue())
          .containsExactly(
              "ledger_outage",
              "ledger_recovered",
              "ledger_outage",
              "ledger_recovered",
              "ledger_outage",
              "ledger_recovered");
      assertThat(alerts)
          .allSatisfy(alert -> assertThat(alert.get("severity").textValue()).isEqualTo("critical"));
      assertThat(alerts.get(0).get("title").textValue()).isEqualTo("the ledger does not answer");
      assertThat(alerts.get(1).get("title").textValue())
          .matches("the ledger answers again after 2m \\d+s");
      assertThat(alerts.get(1).get("details").toString()).contains("calls were denied for it");
      assertThat(scene.receiver.messages().toString()).doesNotContain("CANARY", "jdbc:");
    }
  }

  @Test
  void anOutageIsNoticedWhereTheMeterFailsOpenAndDeniesNothing() throws Exception {
    try (Scene scene =
        new Scene(time, ledger, a -> a, m -> m.failOpen(true), Scene.daily().build())) {
      scene.alerts.watch(scene.meter);
      scene.messages();
      ledger.broken = true;
      callsOfManyTeams(scene, 10);
      time.advance(Duration.ofSeconds(30));

      assertThat(ofOutages(scene)).hasSize(1);
    }
  }

  @Test
  void withoutAMeterToWatchTheFirstDenialIsAlerted() throws Exception {
    try (Scene scene = new Scene(time, ledger, a -> a, m -> m, Scene.daily().build())) {
      ledger.broken = true;
      callsOfManyTeams(scene, 1);

      assertThat(scene.titles()).containsExactly("calls are denied: ledger unavailable");
    }
  }
}
