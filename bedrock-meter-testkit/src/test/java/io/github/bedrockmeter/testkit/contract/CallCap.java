// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * Allows a number of calls at once; correct, and tests override one method to break it.
 * Thread-safe.
 */
class CallCap implements BudgetPolicy {
  private final Semaphore slots;

  CallCap(int slots) {
    this.slots = new Semaphore(slots);
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    return slots.tryAcquire()
        ? new BudgetDecision.Granted(new Slot())
        : BudgetDecision.denied("call-cap", "all slots are taken; try again when a call has ended");
  }

  CompletionStage<?> commit(Usage usage, Cost cost) {
    return release();
  }

  CompletionStage<?> release() {
    slots.release();
    return CompletableFuture.completedFuture(null);
  }

  private final class Slot implements Reservation {
    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      return CallCap.this.commit(usage, cost);
    }

    @Override
    public CompletionStage<?> release() {
      return CallCap.this.release();
    }
  }
}
