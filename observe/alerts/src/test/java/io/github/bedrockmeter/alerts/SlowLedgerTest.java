// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** With {@code onceIn}, a ledger that answers slowly delays neither channels nor the end. */
class SlowLedgerTest {
  private static final int DENIALS = 500;

  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
  private final AtomicInteger asked = new AtomicInteger();

  /** Takes 300 ms of assigned time for each answer. */
  private final Ledger slow =
      new ForwardingLedger(Ledger.inMemory(time, time, 10_000)) {
        @Override
        public CompletionStage<HoldResult> hold(List<Hold> holds) {
          asked.incrementAndGet();
          time.advance(Duration.ofMillis(300));
          return inner.hold(holds);
        }
      };

  private Alerts alerts(Receiver receiver) {
    Alerts alerts =
        Alerts.builder()
            .channel(AlertChannel.webhook(receiver.url(), Scene.KEY))
            .onceIn(slow)
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    for (int i = 0; i < DENIALS; i++) {
      alerts.onDenied(ManyDenialsTest.denial(time, i));
    }
    return alerts;
  }

  private static long alertsIn(Receiver receiver) {
    return receiver.messages().stream()
        .mapToLong(message -> message.get("count").longValue())
        .sum();
  }

  @Test
  void channelsAreServedAboutEachSecondWhileTheLedgerIsAsked() throws Exception {
    try (Receiver receiver = new Receiver()) {
      Alerts alerts = alerts(receiver);

      assertThat(alerts.work()).as("there is more to hear").isZero();
      assertThat(asked.get()).isBetween(1, 5);
      assertThat(receiver.posted()).as("sent before all is heard").isNotEmpty();
      int rounds = 1;
      while (alerts.work() == 0) {
        rounds++;
      }
      assertThat(rounds).isGreaterThan(50);
      assertThat(asked).hasValue(DENIALS);
      alerts.close();
      assertThat(alertsIn(receiver)).isEqualTo(DENIALS);
    }
  }

  @Test
  void theEndAsksTheLedgerForTwoSecondsAndSendsAllTheSame() throws Exception {
    try (Receiver receiver = new Receiver()) {
      Alerts alerts = alerts(receiver);
      alerts.close();

      assertThat(asked.get()).isBetween(1, 8);
      assertThat(alertsIn(receiver)).isEqualTo(DENIALS);
      assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 1, 0));
    }
  }
}
