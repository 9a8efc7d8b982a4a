// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.Window;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A freeze, a thaw or a mode that is set while budgets are replaced must not be lost. */
@Timeout(120)
class ChangesSurviveReplacementTest {
  private static final int ROUNDS = 2_000;

  private final AtomicLong reloads = new AtomicLong();
  private final AtomicBoolean stop = new AtomicBoolean();

  private static Budget budget(long number) {
    return Budget.named("b")
        .limit(Amount.requests(1_000_000 + number % 7))
        .window(Window.lifetime())
        .build();
  }

  @Test
  void noChangeIsLostAmongReloads() throws Exception {
    BedrockMeter meter = BedrockMeter.builder().budget(budget(0)).build();
    Thread reloading =
        new Thread(
            () -> {
              while (!stop.get()) {
                meter.replaceBudgets(List.of(budget(reloads.incrementAndGet())), "reload");
              }
            });
    reloading.start();
    BudgetControl control = meter.control("b");
    int lost = 0;
    try {
      for (int i = 0; i < ROUNDS; i++) {
        control.freeze("", "stop everything");
        control.mode(Budget.Mode.OBSERVE, "watch");
        awaitReloads();
        lost += meter.status().join().get(0).frozen() == null ? 1 : 0;
        lost += control.mode() == Budget.Mode.OBSERVE ? 0 : 1;
        control.thaw("", "go on");
        control.mode(Budget.Mode.ENFORCE, "go on");
        awaitReloads();
        lost += meter.status().join().get(0).frozen() == null ? 0 : 1;
        lost += control.mode() == Budget.Mode.ENFORCE ? 0 : 1;
      }
    } finally {
      stop.set(true);
      reloading.join();
    }

    assertThat(lost).isZero();
  }

  private void awaitReloads() {
    long seen = reloads.get();
    while (reloads.get() < seen + 2) {
      Thread.onSpinWait();
    }
  }
}
