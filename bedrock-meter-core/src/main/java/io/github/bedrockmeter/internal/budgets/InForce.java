// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import java.util.ArrayList;
import java.util.List;

/** The roster of budgets that calls are counted by from now on. Thread-safe. */
final class InForce {
  private volatile Roster roster;

  InForce(List<Budget> budgets, HoldSettlements.Means means) {
    this.roster = new Roster(budgets.stream().map(BudgetAccounts::new).toList(), means);
  }

  /** The roster as it is now; one call keeps to one roster. */
  Roster now() {
    return roster;
  }

  /** Puts other budgets in force and returns what changed. */
  synchronized List<BudgetChange> replace(List<Budget> budgets, String reason) {
    List<BudgetChange> changes = new ArrayList<>();
    roster = roster.with(budgets, reason, changes::add);
    return changes;
  }
}
