// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.LoggerFactory;

/**
 * Ends holds of one roster in the ledger, remembers what is settled, reports thresholds that were
 * passed, and lets calls try that wait for room. Thread-safe.
 */
final class HoldSettlements {
  private static final Log log = Log.to(LoggerFactory.getLogger(HoldSettlements.class));
  private static final OutageLog ESTIMATES =
      new OutageLog(log, "A call is charged its estimate, since its cost cannot be worked out");
  private static final OutageLog THRESHOLDS =
      new OutageLog(log, "Thresholds of a budget could not be checked");

  private static final OutageLog UNREAD =
      new OutageLog(log, "A ledger's answer to a settlement could not be read");

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
    return settle(holds, actuals, call);
  }

  /** What a hold is charged: as much as was held, where that cannot be worked out. */
  private long actual(Hold hold, MeteredCall call, Usage usage, Cost cost) {
    BudgetAccounts accounts = byName.get(hold.account().budget());
    try {
      if (accounts == null) {
        return Counting.units(hold.account().unit(), usage, cost, hold.amount());
      }
      Cost counted = means.counting().settledFor(accounts.budget(), call, usage, cost);
      boolean knownPartOnly = accounts.budget().unknownPrice() == Budget.UnknownPrice.ALLOW;
      return Counting.units(
          hold.account().unit(), usage, counted, knownPartOnly ? 0 : hold.amount());
    } catch (Throwable failure) { // of a price book, or a sum that is too large
      ESTIMATES.failed("call " + call.id() + ", " + hold, failure);
      return hold.amount();
    }
  }

  /** Gives holds back. */
  CompletionStage<?> release(List<Hold> holds, MeteredCall call) {
    return settle(holds, new long[holds.size()], call);
  }

  /** Observed holds, which come last, are settled apart: their trouble is not the others'. */
  private CompletionStage<?> settle(List<Hold> holds, long[] actuals, MeteredCall call) {
    int enforced = 0;
    while (enforced < actuals.length && holds.get(enforced).enforced()) {
      enforced++;
    }
    if (enforced == 0 || enforced == actuals.length) {
      return settleTogether(holds, actuals, call);
    }
    return CompletableFuture.allOf(
        settleQuietly(holds.subList(0, enforced), Arrays.copyOf(actuals, enforced), call),
        settleQuietly(
            holds.subList(enforced, actuals.length),
            Arrays.copyOfRange(actuals, enforced, actuals.length),
            call));
  }

  private CompletableFuture<?> settleQuietly(List<Hold> holds, long[] actuals, MeteredCall call) {
    try {
      return settleTogether(holds, actuals, call).toCompletableFuture();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletionStage<?> settleTogether(List<Hold> holds, long[] actuals, MeteredCall call) {
    CompletableFuture<List<Settled>> answer =
        means.ledger().settle(holds, actuals).toCompletableFuture();
    boolean isOfInterest = isOfInterest(holds);
    if (answer.isDone()) {
      if (!answer.isCompletedExceptionally()) {
        List<Settled> steps = answer.join();
        if (isOfInterest || anyLost(steps, call)) {
          settled(holds, steps, call);
        }
      }
      return answer;
    }
    // Listeners and limits of users are asked: not on the thread that the ledger answers on.
    return isOfInterest
        ? answer.thenAcceptAsync(steps -> settled(holds, steps, call), means.workers())
        : answer.thenCompose(steps -> settledElsewhere(holds, steps, call));
  }

  /** Of budgets that want to know nothing of settlements, unless something is wrong. */
  private CompletionStage<?> settledElsewhere(
      List<Hold> holds, List<Settled> steps, MeteredCall call) {
    return anyLost(steps, call)
        ? CompletableFuture.runAsync(() -> settled(holds, steps, call), means.workers())
        : CompletableFuture.completedFuture(null);
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
  private void settled(List<Hold> holds, List<Settled> steps, MeteredCall call) {
    reportLost(steps, call);
    for (int i = 0; i < holds.size(); i++) {
      Hold hold = holds.get(i);
      BudgetAccounts accounts = byName.get(hold.account().budget());
      if (accounts == null) {
        continue;
      }
      try {
        if (accounts.usesSettlements()) {
          Settled step = steps.get(i);
          settled(accounts, step.account(), step.before(), step.after(), call.startedAt());
        }
      } catch (Throwable failure) { // of a limit
        THRESHOLDS.failed("call " + hold.id() + ", " + hold.account(), failure);
      }
      if (anyWaits) {
        means.waiting().mayFit(hold.account());
      }
    }
  }

  private static boolean anyLost(List<Settled> steps, MeteredCall call) {
    try {
      return LedgerSupport.anyWithoutHold(steps);
    } catch (Throwable failure) { // of a ledger whose answer is no answer
      UNREAD.failed("call " + call.id(), failure);
      return false;
    }
  }

  /** Reports balances that were charged although their holds were lost. */
  private void reportLost(List<Settled> steps, MeteredCall call) {
    if (!anyLost(steps, call)) {
      return;
    }
    for (Settled step : steps) {
      if (step.withoutHold()) {
        Account account = step.account();
        ChargedWithoutHoldEvent event =
            new ChargedWithoutHoldEvent(
                call, account, new Amount(step.after() - step.before(), account.unit()));
        log.warn(
            "Call {} was charged {} in {}, whose hold the ledger had lost",
            call.id(),
            event.charged(),
            account);
        means
            .listeners()
            .publish("call " + call.id(), listener -> listener.onChargedWithoutHold(event));
      }
    }
  }

  /**
   * Remembers one step of a balance, and reports the thresholds it passed. A step that changes
   * nothing may report what was settled a while ago, as leases do: it is not remembered.
   */
  void settled(BudgetAccounts accounts, Account account, long before, long after, Instant at) {
    if (before == after) {
      return;
    }
    accounts.settled(account, after);
    if (!accounts.warns()) {
      return;
    }
    long[] thresholds = accounts.thresholds(account, at);
    for (int t = 0; t < thresholds.length; t++) {
      if (before < thresholds[t] && thresholds[t] <= after) {
        boolean isLimit = accounts.share(t).compareTo(BigDecimal.ONE) == 0;
        if (!isLimit || accounts.exhausts(account, thresholds[t])) {
          publish(accounts, account, after, accounts.share(t), at);
        }
      }
    }
  }

  private void publish(
      BudgetAccounts accounts, Account account, long after, BigDecimal share, Instant at) {
    Amount limit = accounts.limitOf(account, at);
    Amount settled = new Amount(after, limit.unit());
    ThresholdEvent event = new ThresholdEvent(account, share, settled, limit);
    means.listeners().publish("a threshold of " + account, listener -> listener.onThreshold(event));
  }
}
