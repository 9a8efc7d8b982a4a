// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A policy that is no budget: so many calls at the same time. Thread-safe. */
final class Slots implements BudgetPolicy, Reservation {
  private final AtomicInteger free;

  Slots(int slots) {
    free = new AtomicInteger(slots);
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    if (free.getAndUpdate(slots -> Math.max(0, slots - 1)) == 0) {
      return BudgetDecision.denied("slots", "no slot is free");
    }
    return new BudgetDecision.Granted(this);
  }

  @Override
  public CompletionStage<?> commit(Usage usage, Cost cost) {
    return release();
  }

  @Override
  public CompletionStage<?> release() {
    return CompletableFuture.completedFuture(free.incrementAndGet());
  }
}
