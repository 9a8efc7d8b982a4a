// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A thousand denials a second for a minute. */
class ManyDenialsTest {
  private static final int SECONDS = 60;
  private static final int A_SECOND = 1_000;
  private static final int SCOPES = 2_000;
  private static final Pattern MORE = Pattern.compile("([0-9,]+) more: denied calls.*");

  static DenialEvent denial(FakeTime time, int number) {
    String team = "team=t" + number % SCOPES;
    MeteredCall call =
        SampleCalls.converse().startedAt(time.instant()).id("call-" + number).build();
    return new DenialEvent(
        call,
        new Denied(
            DenialKind.OVER_LIMIT,
            number % 3 == 0 ? "daily" : "monthly",
            team,
            Amount.usd("1"),
            Amount.usd("0.5"),
            Duration.ofHours(3),
            null,
            null),
        true);
  }

  @Test
  void aMinuteOfAThousandASecondLeavesAHandfulOfMessagesThatCountThemAll() throws Exception {
    FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
    try (Receiver receiver = new Receiver()) {
      Alerts alerts =
          Alerts.builder()
              .channel(AlertChannel.webhook(receiver.url(), Scene.KEY))
              .clock(time)
              .nanoClock(time)
              .mostWaiting(100)
              .withoutThread()
              .build();
      int number = 0;
      int mostWaiting = 0;
      for (int second = 0; second < SECONDS; second++) {
        for (int i = 0; i < A_SECOND; i++) {
          alerts.onDenied(denial(time, number++));
          if (number == 1) {
            alerts.work(); // as the thread does, which sends the first while others come
          }
          if (i % 100 == 0) {
            mostWaiting = Math.max(mostWaiting, alerts.status().waiting());
          }
        }
        alerts.work();
        mostWaiting = Math.max(mostWaiting, alerts.status().waiting());
        time.advance(Duration.ofSeconds(1));
      }
      alerts.close();

      List<JsonNode> messages = receiver.messages();
      long firsts = 0;
      long repeats = 0;
      for (JsonNode message : messages) {
        for (JsonNode count : message.get("counts")) {
          if (count.get("kind").textValue().equals("first_denial")) {
            firsts += count.get("count").longValue();
          }
        }
        for (JsonNode alert : message.get("alerts")) {
          Matcher more = MORE.matcher(alert.get("title").textValue());
          if (more.matches()) {
            repeats += Long.parseLong(more.group(1).replace(",", ""));
          }
        }
      }
      System.out.printf(
          "%,d denials: %d messages, %,d first denials and %,d more in them; at most %,d waited%n",
          number, messages.size(), firsts, repeats, mostWaiting);
      messages.forEach(message -> System.out.println("  " + message.get("title").textValue()));
      assertThat(messages).hasSizeBetween(3, 8);
      assertThat(messages.get(0).get("title").textValue())
          .isEqualTo("budget 'daily' (team=t0) denies calls: over limit");
      assertThat(firsts + repeats).isEqualTo(60_000);
      assertThat(mostWaiting).isLessThanOrEqualTo(1_000 + 100);
      assertThat(messages.get(messages.size() - 1).get("title").textValue()).contains("alerts: ");
    }
  }
}
