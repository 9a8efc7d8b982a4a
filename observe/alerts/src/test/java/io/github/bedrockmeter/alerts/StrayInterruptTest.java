// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thread that sends is interrupted though nothing is closed. */
class StrayInterruptTest {
  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");

  @AfterEach
  void leaveNoInterrupt() {
    Thread.interrupted();
  }

  @Test
  void itIsAFailedTryAndTheNextOneIsAfterASecond() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    Alerts alerts =
        Alerts.builder()
            .channel(
                message -> {
                  if (tries.incrementAndGet() == 1) {
                    Thread.currentThread().interrupt(); // and leaves the flag as it is
                    throw new InterruptedException();
                  }
                })
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "team=acme", "runaway job"));

    assertThat(alerts.work()).isEqualTo(Duration.ofSeconds(1).toNanos());
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(alerts.work()).isPositive();
    assertThat(tries).as("not tried without a pause").hasValue(1);
    time.advance(Duration.ofSeconds(1));
    alerts.work();
    assertThat(tries).hasValue(2);
    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 1, 0));
  }
}
