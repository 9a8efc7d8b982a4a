// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what a call holds of each budget that counts it. Thread-safe. */
final class HoldCollector {
  private final Counting counting;
  private final WaitingRoom waiting;
  private final ShadowDenials shadows;
  private final ObservedFailures failures;

  HoldCollector(
      Counting counting, WaitingRoom waiting, ShadowDenials shadows, ObservedFailures failures) {
    this.counting = counting;
    this.waiting = waiting;
    this.shadows = shadows;
    this.failures = failures;
  }

  /**
   * Adds a hold for each budget that counts this call.
   *
   * @return a denial if an enforced budget cannot take it, whatever its balance
   */
  @Nullable Denied collect(Roster now, MeteredCall call, List<Hold> holds) {
    for (BudgetAccounts accounts : now.budgets) {
      Budget.Mode mode = accounts.mode();
      if (mode == Budget.Mode.ENFORCE) {
        Denied denied = collect(now, accounts, mode, call, holds);
        if (denied != null) {
          return denied;
        }
      } else {
        collectObserved(now, accounts, mode, call, holds);
      }
    }
    return null;
  }

  private void collectObserved(
      Roster now, BudgetAccounts accounts, Budget.Mode mode, MeteredCall call, List<Hold> holds) {
    try {
      Denied denied = collect(now, accounts, mode, call, holds);
      if (denied != null) {
        shadows.report(call, denied);
      }
    } catch (Throwable failure) { // of a filter, a limit or a price book
      failures.undecided(accounts.budget().name(), mode, call, failure);
    }
  }

  /** Adds a hold that no limit refuses for each budget that counts this call. Never throws. */
  void collectUncapped(Roster now, MeteredCall call, List<Hold> holds) {
    for (BudgetAccounts accounts : now.budgets) {
      try {
        Budget budget = accounts.budget();
        if (budget.appliesTo(call)) {
          Cost cost = counting.costFor(budget, call, call.estimate(), call.estimatedCost());
          holds.add(hold(accounts, call, accounts.accountOf(call), cost, false));
        }
      } catch (Throwable failure) { // of a filter, a limit or a price book
        failures.undecided(accounts.budget().name(), Budget.Mode.OBSERVE, call, failure);
      }
    }
  }

  private @Nullable Denied collect(
      Roster now, BudgetAccounts accounts, Budget.Mode mode, MeteredCall call, List<Hold> holds) {
    Budget budget = accounts.budget();
    if (!budget.appliesTo(call)) {
      return null;
    }
    Account account = accounts.accountOf(call);
    Cost cost = counting.costFor(budget, call, call.estimate(), call.estimatedCost());
    Denied denied = deniedUnasked(now, accounts, call, account, cost);
    if (denied != null && mode != Budget.Mode.OBSERVE) {
      return denied;
    }
    holds.add(hold(accounts, call, account, cost, mode == Budget.Mode.ENFORCE));
    return null;
  }

  private static Hold hold(
      BudgetAccounts accounts, MeteredCall call, Account account, Cost cost, boolean enforced) {
    return new Hold(
        call.id(),
        account,
        Counting.units(account.unit(), call.estimate(), cost, 0),
        accounts.limit(account.scope(), call.startedAt()),
        enforced);
  }

  /** A denial for a reason that the ledger need not be asked about. */
  private @Nullable Denied deniedUnasked(
      Roster now, BudgetAccounts accounts, MeteredCall call, Account account, Cost cost) {
    Budget budget = accounts.budget();
    String frozen = accounts.frozen(account.scope());
    if (frozen != null) {
      return Denials.frozen(account, frozen);
    }
    String noMaxTokens = OpenEnds.noMaxTokens(budget, call);
    if (noMaxTokens != null) {
      return Denials.noMaxTokens(account, noMaxTokens);
    }
    String noBound = OpenEnds.noBound(budget, call);
    if (noBound != null) {
      return Denials.noBound(account, noBound);
    }
    if (budget.limit().unit() == Unit.NANO_USD
        && budget.unknownPrice() != Budget.UnknownPrice.ALLOW
        && cost instanceof Cost.Unknown unknown) {
      return Denials.unpriced(account, unknown.reason());
    }
    if (now.anyWaits && waiting.isTaken(account, call.id())) {
      return Denials.othersWait(account, budget.waitUpTo());
    }
    return null;
  }
}
