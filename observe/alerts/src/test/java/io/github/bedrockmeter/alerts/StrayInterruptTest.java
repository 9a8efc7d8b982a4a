// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

  @Test
  void anAlertThatThisProcessHasClaimedIsSentAllTheSame() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    Ledger ledger =
        new ForwardingLedger(Ledger.inMemory(time, time, 1_000)) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            assertThat(inner.hold(holds).toCompletableFuture()).isCompleted();
            Thread.currentThread().interrupt(); // after the store has taken it, before it answers
            return new CompletableFuture<>();
          }
        };
    Alerts alerts =
        Alerts.builder()
            .channel(message -> sent.incrementAndGet())
            .onceIn(ledger)
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    alerts.onDenied(ManyDenialsTest.denial(time, 1));
    alerts.work();

    assertThat(sent).hasValue(1);
  }
}
