// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import org.jspecify.annotations.Nullable;

/** What may be done with a call that a budget in force does not take as it is. Thread-safe. */
public final class Remedies {
  private final InForce inForce;
  private final Counting counting;
  private final WaitingRoom waiting;

  Remedies(InForce inForce, Counting counting, WaitingRoom waiting) {
    this.inForce = inForce;
    this.counting = counting;
    this.waiting = waiting;
  }

  /** Whether any budget changes a call that is denied, or keeps it waiting. */
  public boolean exist() {
    return inForce.now().anyRemedy;
  }

  /** The budget behind a denial; null if it is no budget's. */
  public @Nullable Budget budgetBehind(Denied denied) {
    BudgetAccounts accounts = inForce.now().byName.get(denied.budget());
    return accounts == null ? null : accounts.budget();
  }

  /** The account a budget counts a call in. */
  public Account accountOf(Budget budget, MeteredCall call) {
    BudgetAccounts accounts = inForce.now().byName.get(budget.name());
    return (accounts == null ? new BudgetAccounts(budget, call::startedAt) : accounts)
        .accountOf(call);
  }

  /** What a budget would hold for a call with this usage and cost, in its units. */
  public long unitsFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return counting.unitsFor(budget, call, usage, cost);
  }

  /** Where calls wait for room. */
  public WaitingRoom waitingRoom() {
    return waiting;
  }

  /** Whether a denial is one that passes: of the amounts, or because other calls wait. */
  public boolean mayPass(Denied denied, Budget budget, MeteredCall call) {
    if (denied.kind() == DenialKind.QUEUED_TOO_LONG) {
      return true;
    }
    BudgetAccounts accounts = inForce.now().byName.get(budget.name());
    return accounts != null
        && denied.requested() != null
        && denied.requested().units() <= accounts.limit(denied.scope(), call.startedAt());
  }

  /**
   * The budget whose share is spent from which on a call goes to another model at once, or null.
   */
  public @Nullable Budget pastItsShare(MeteredCall call) {
    return EarlyFallback.of(call, inForce.now());
  }

  /** The budget whose {@code maxTokens} a call without one is sent with, or null. */
  public @Nullable Budget limitsOutput(MeteredCall call) {
    Roster now = inForce.now();
    if (!now.anyLimitsOutput || OpenEnds.unlimitedOutput(call.bound()) == null) {
      return null;
    }
    Budget lowest = null;
    for (BudgetAccounts accounts : now.budgets) {
      Budget budget = accounts.budget();
      Long tokens = budget.defaultMaxTokens();
      if (tokens != null
          && accounts.mode() == Budget.Mode.ENFORCE
          && budget.appliesTo(call)
          && (lowest == null || tokens < defaultOf(lowest))) {
        lowest = budget;
      }
    }
    return lowest;
  }

  private static long defaultOf(Budget budget) {
    Long tokens = budget.defaultMaxTokens();
    return tokens == null ? Long.MAX_VALUE : tokens;
  }

  /** Whether the output of a bound is an assumption, since its model's maximum is not known. */
  public static boolean assumesOutput(Usage bound) {
    Assumption assumption = OpenEnds.unlimitedOutput(bound);
    return assumption != null && !assumption.isBound();
  }
}
