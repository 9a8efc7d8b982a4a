// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Ends holds in the ledger, remembers what is settled, reports thresholds that were passed, and
 * lets calls try that wait for room. Thread-safe.
 */
final class HoldSettlements {
  private final Ledger ledger;
  private final Listeners listeners;
  private final WaitingRoom waiting;

  HoldSettlements(Ledger ledger, Listeners listeners, WaitingRoom waiting) {
    this.ledger = ledger;
    this.listeners = listeners;
    this.waiting = waiting;
  }

  /** Charges holds what they came to, in the same order. */
  CompletionStage<?> settle(Roster roster, List<Hold> holds, long[] actuals, Instant at) {
    CompletableFuture<List<Settled>> answer = ledger.settle(holds, actuals).toCompletableFuture();
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      settled(roster, holds, answer.join(), at);
      return answer;
    }
    return answer.thenAccept(settled -> settled(roster, holds, settled, at));
  }

  /** Gives holds back. */
  CompletionStage<?> release(Roster roster, List<Hold> holds, Instant at) {
    return settle(roster, holds, new long[holds.size()], at);
  }

  private void settled(Roster roster, List<Hold> holds, List<Settled> steps, Instant at) {
    for (int i = 0; i < holds.size(); i++) {
      Hold hold = holds.get(i);
      BudgetAccounts accounts = roster.byName.get(hold.account().budget());
      if (accounts == null) {
        continue;
      }
      if (accounts.hearsOfSettlements()) {
        Settled step = steps.get(i);
        if (step.before() != step.after()) {
          // A step that changes nothing may report what was settled a while ago, as leases do.
          settled(accounts, step, at);
        }
      }
      if (roster.anyWaits) {
        waiting.mayFit(hold.account());
      }
    }
  }

  /** Remembers one step of a balance, and reports the thresholds it passed. */
  void settled(BudgetAccounts accounts, Settled step, Instant at) {
    accounts.settled(step.account(), step.after());
    if (!accounts.warns()) {
      return;
    }
    long[] thresholds = accounts.thresholds(step.account(), at);
    for (int t = 0; t < thresholds.length; t++) {
      if (step.before() < thresholds[t] && thresholds[t] <= step.after()) {
        Amount limit = accounts.limitOf(step.account(), at);
        ThresholdEvent event =
            new ThresholdEvent(
                step.account(), accounts.share(t), new Amount(step.after(), limit.unit()), limit);
        listeners.publish(listener -> listener.onThreshold(event));
      }
    }
  }
}
