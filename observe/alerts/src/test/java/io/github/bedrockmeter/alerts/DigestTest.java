// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a digest says where alerts find no place to wait, or could not be sent. */
class DigestTest {
  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
  private final Receiver receiver = new Receiver();
  private final Alerts alerts =
      Alerts.builder()
          .channel(AlertChannel.webhook(receiver.url(), Scene.KEY))
          .mostWaiting(4)
          .clock(time)
          .nanoClock(time)
          .withoutThread()
          .build();

  @AfterEach
  void close() {
    alerts.close();
    receiver.close();
  }

  private void freeze(String scope) {
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", scope, "runaway job"));
  }

  private void exhausted(String scope) {
    Account account = new Account("all", Unit.NANO_USD, scope, Instant.EPOCH, Instant.MAX);
    alerts.onThreshold(
        new ThresholdEvent(account, BigDecimal.ONE, Amount.usd("25"), Amount.usd("25")));
  }

  private static List<String> titles(JsonNode digest) {
    List<String> titles = new ArrayList<>();
    digest.get("alerts").forEach(alert -> titles.add(alert.get("title").textValue()));
    return titles;
  }

  @Test
  void aCriticalAlertTakesThePlaceOfTheOldestThatIsNot() throws Exception {
    for (int i = 1; i <= 4; i++) {
      freeze("team=t" + i);
    }
    exhausted("team=x");
    freeze("team=t5");
    alerts.work();

    JsonNode digest = receiver.messages().get(0);
    assertThat(titles(digest))
        .containsExactly(
            "budget 'daily' (team=t2) is frozen",
            "budget 'daily' (team=t3) is frozen",
            "budget 'daily' (team=t4) is frozen",
            "budget 'all' (team=x) is exhausted");
    assertThat(digest.get("count").longValue()).isEqualTo(6);
    assertThat(digest.get("severity").textValue()).isEqualTo("critical");
  }

  @Test
  void whereAllThatWaitsIsCriticalTheNewOneIsCounted() throws Exception {
    for (int i = 1; i <= 5; i++) {
      exhausted("team=t" + i);
    }
    alerts.work();

    assertThat(titles(receiver.messages().get(0))).hasSize(4).doesNotContain("(team=t5)");
    assertThat(receiver.messages().get(0).get("count").longValue()).isEqualTo(5);
  }

  @Test
  void aDigestIsAsSevereAsWhatItOnlyCounts() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      freeze("team=t" + i);
    }
    assertThat(alerts.status().waiting()).as("no place for more").isEqualTo(1_000);
    alerts.onBypass(new BypassEvent("store is restored", time.instant().plusSeconds(60), true));
    alerts.work();

    JsonNode digest = receiver.messages().get(0);
    assertThat(digest.get("count").longValue()).isEqualTo(1_001);
    assertThat(digest.get("alerts").findValuesAsText("kind")).containsOnly("frozen");
    assertThat(digest.get("severity").textValue()).isEqualTo("critical");
  }

  @Test
  void afterALostMessageASingleAlertKeepsItsDetails() throws Exception {
    receiver.answers(404);
    freeze("team=lost");
    alerts.work();
    freeze("team=acme");
    alerts.work();

    JsonNode message = receiver.messages().get(1);
    assertThat(message.get("title").textValue()).isEqualTo("budget 'daily' (team=acme) is frozen");
    assertThat(message.get("details").get(0).textValue())
        .isEqualTo("Its calls are denied whatever is left, until it is thawed.");
    assertThat(message.get("details").get(2).textValue())
        .isEqualTo("1 alert before this could not be sent here.");
    assertThat(message.get("count").longValue()).isEqualTo(1);
    freeze("team=acme");
    time.advance(Duration.ofMinutes(1));
    alerts.work();
    assertThat(receiver.messages().get(2).get("details")).as("said once").hasSize(2);
  }
}
