// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.internal.text.Escaped;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The roster of budgets that calls are counted by from now on. Thread-safe. */
final class InForce {
  private volatile Roster roster;

  InForce(List<Budget> budgets, SettlementMeans means) {
    List<BudgetAccounts> accounts = new ArrayList<>();
    for (Budget budget : budgets) {
      accounts.add(new BudgetAccounts(budget, means.clock()));
    }
    this.roster = new Roster(accounts, means);
  }

  /** The roster as it is now; one call keeps to one roster. */
  Roster now() {
    return roster;
  }

  /**
   * The budget in force under a name.
   *
   * @throws IllegalStateException if it is no longer in force
   */
  BudgetAccounts accounts(String name) {
    BudgetAccounts accounts = roster.byName.get(name);
    if (accounts == null) {
      throw new IllegalStateException("budget '" + Escaped.text(name) + "' is no longer in force");
    }
    return accounts;
  }

  /**
   * Changes the budget in force under a name. Never at the same time as {@link #replace}, which
   * would take over what it was before.
   */
  synchronized <T> T change(String name, Function<BudgetAccounts, T> change) {
    return change.apply(accounts(name));
  }

  /** Puts other budgets in force and returns what changed. */
  synchronized List<BudgetChange> replace(List<Budget> budgets, String reason) {
    List<BudgetChange> changes = new ArrayList<>();
    roster = roster.with(budgets, reason, changes::add);
    return changes;
  }
}
