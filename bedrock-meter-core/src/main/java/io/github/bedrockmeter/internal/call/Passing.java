// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.support.Listeners;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets calls pass that were denied while the bypass is on, and counts them. Thread-safe. */
final class Passing {
  private final Bypass bypass;
  private final Budgets budgets;
  private final Listeners listeners;

  Passing(Bypass bypass, Budgets budgets, Listeners listeners) {
    this.bypass = bypass;
    this.budgets = budgets;
    this.listeners = listeners;
  }

  /** The denial, or a grant in its place. May wait for the ledger. */
  BudgetDecision orDenied(MeteredCall call, Denied denied) {
    return passes(call, denied) ? budgets.reserveUncapped(call) : denied;
  }

  /** Like {@link #orDenied}, without blocking. */
  CompletionStage<BudgetDecision> orDeniedAsync(MeteredCall call, Denied denied) {
    return passes(call, denied)
        ? budgets.reserveUncappedAsync(call)
        : CompletableFuture.completedFuture(denied);
  }

  private boolean passes(MeteredCall call, Denied denied) {
    BypassEvent now = bypass.now();
    if (now == null) {
      return false;
    }
    listeners.publish(
        "call " + call.id(), listener -> listener.onDenied(new DenialEvent(call, denied, false)));
    return true;
  }
}
