// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.internal.support.Printable;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends holds of one roster in the ledger, remembers what is settled, reports thresholds that were
 * passed, and lets calls try that wait for room. Thread-safe.
 */
final class HoldSettlements {
  private static final Logger log = LoggerFactory.getLogger(HoldSettlements.class);

  private final Map<String, BudgetAccounts> byName;
  private final boolean anyWaits;
  private final SettlementMeans means;

  /**
   * Settlements of the budgets in a roster.
   *
   * @param byName the budgets
   * @param anyWaits whether any of them keeps calls waiting
   */
  HoldSettlements(Map<String, BudgetAccounts> byName, boolean anyWaits, SettlementMeans means) {
    this.byName = byName;
    this.anyWaits = anyWaits;
    this.means = means;
  }

  /** Charges holds what a call used. */
  CompletionStage<?> commit(List<Hold> holds, MeteredCall call, Usage usage, Cost cost) {
    long[] actuals = new long[holds.size()];
    for (int i = 0; i < actuals.length; i++) {
      actuals[i] = actual(holds.get(i), call, usage, cost);
    }
    return settle(holds, actuals, call.startedAt());
  }

  /** What a hold is charged: as much as was held, where that cannot be worked out. */
  private long actual(Hold hold, MeteredCall call, Usage usage, Cost cost) {
    BudgetAccounts accounts = byName.get(hold.account().budget());
    try {
      Cost counted =
          accounts == null
              ? cost
              : means.counting().settledFor(accounts.budget(), call, usage, cost);
      return Counting.units(hold.account().unit(), usage, counted, hold.amount());
    } catch (Throwable failure) { // of a price book, or a sum that is too large
      log.warn("Call {} is charged its estimate in {}", call.id(), hold, Printable.of(failure));
      return hold.amount();
    }
  }

  /** Gives holds back. */
  CompletionStage<?> release(List<Hold> holds, Instant at) {
    return settle(holds, new long[holds.size()], at);
  }

  /** Observed holds, which come last, are settled apart: their trouble is not the others'. */
  private CompletionStage<?> settle(List<Hold> holds, long[] actuals, Instant at) {
    int enforced = 0;
    while (enforced < actuals.length && holds.get(enforced).enforced()) {
      enforced++;
    }
    if (enforced == 0 || enforced == actuals.length) {
      return settleTogether(holds, actuals, at);
    }
    return CompletableFuture.allOf(
        settleQuietly(holds.subList(0, enforced), Arrays.copyOf(actuals, enforced), at),
        settleQuietly(
            holds.subList(enforced, actuals.length),
            Arrays.copyOfRange(actuals, enforced, actuals.length),
            at));
  }

  private CompletableFuture<?> settleQuietly(List<Hold> holds, long[] actuals, Instant at) {
    try {
      return settleTogether(holds, actuals, at).toCompletableFuture();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletionStage<?> settleTogether(List<Hold> holds, long[] actuals, Instant at) {
    CompletableFuture<List<Settled>> answer =
        means.ledger().settle(holds, actuals).toCompletableFuture();
    if (answer.isDone()) {
      if (!answer.isCompletedExceptionally()) {
        settled(holds, answer.join(), at);
      }
      return answer;
    }
    // Listeners and limits of users are asked: not on the thread that the ledger answers on.
    return isOfInterest(holds)
        ? answer.thenAcceptAsync(settled -> settled(holds, settled, at), means.workers())
        : answer;
  }

  private boolean isOfInterest(List<Hold> holds) {
    if (anyWaits) {
      return true;
    }
    for (int i = 0; i < holds.size(); i++) {
      BudgetAccounts accounts = byName.get(holds.get(i).account().budget());
      if (accounts != null && accounts.usesSettlements()) {
        return true;
      }
    }
    return false;
  }

  /** Never throws: what was settled stays settled, whatever comes of it. */
  private void settled(List<Hold> holds, List<Settled> steps, Instant at) {
    for (int i = 0; i < holds.size(); i++) {
      Hold hold = holds.get(i);
      BudgetAccounts accounts = byName.get(hold.account().budget());
      if (accounts == null) {
        continue;
      }
      try {
        if (accounts.usesSettlements()) {
          Settled step = steps.get(i);
          if (step.before() != step.after()) {
            // A step that changes nothing may report what was settled a while ago, as leases do.
            settled(accounts, step, at);
          }
        }
      } catch (Throwable failure) { // of a limit
        log.warn("Thresholds of {} could not be checked", hold.account(), Printable.of(failure));
      }
      if (anyWaits) {
        means.waiting().mayFit(hold.account());
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
        means.listeners().publish(listener -> listener.onThreshold(event));
      }
    }
  }
}
