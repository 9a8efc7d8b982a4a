// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.call.MeteredCall;
import org.jspecify.annotations.Nullable;

/** Finds the budget that sends calls to another model before it is spent. Stateless. */
final class EarlyFallback {
  private EarlyFallback() {}

  /** The budget whose share of the limit is spent, as far as this meter knows; null if none. */
  static @Nullable Budget of(MeteredCall call, Roster now) {
    if (!now.anyFallsBackEarly) {
      return null;
    }
    for (BudgetAccounts accounts : now.budgets) {
      Budget budget = accounts.budget();
      Budget.Fallback fallback = budget.fallback();
      if (fallback != null
          && fallback.atShare() != null
          && accounts.mode() == Budget.Mode.ENFORCE
          && budget.appliesTo(call)
          && accounts.isPast(fallback.atShare(), call)) {
        return budget;
      }
    }
    return null;
  }
}
