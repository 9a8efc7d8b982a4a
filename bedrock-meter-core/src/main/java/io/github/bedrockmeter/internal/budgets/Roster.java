// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.internal.text.Escaped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The budgets in force, replaced as a whole, and whether any of them has a remedy. Immutable. */
final class Roster {
  final BudgetAccounts[] budgets;
  final Map<String, BudgetAccounts> byName = new LinkedHashMap<>();

  /** The tags that any of the budgets counts per. */
  final Set<String> tagNames;

  /** The same, to go through with each call. */
  final String[] tags;

  final boolean anyWaits;
  final boolean anyRemedy;
  final boolean anyFallsBackEarly;
  final boolean anyLimitsOutput;

  /** Ends the holds of these budgets, also when others are in force by then. */
  final HoldSettlements settlements;

  private final SettlementMeans means;

  Roster(List<BudgetAccounts> budgets, SettlementMeans means) {
    this.budgets = budgets.toArray(new BudgetAccounts[0]);
    Set<String> names = new HashSet<>();
    boolean waits = false;
    boolean remedy = false;
    boolean early = false;
    boolean limits = false;
    for (BudgetAccounts accounts : budgets) {
      Budget budget = accounts.budget();
      if (byName.put(budget.name(), accounts) != null) {
        throw new IllegalArgumentException(
            "two budgets are named '" + Escaped.text(budget.name()) + "'");
      }
      Budget.Fallback fallback = budget.fallback();
      names.addAll(budget.tagNames());
      waits |= !budget.waitUpTo().isZero();
      remedy |= fallback != null || budget.onShortfall() != Budget.OnShortfall.DENY;
      early |= fallback != null && fallback.atShare() != null;
      limits |= budget.defaultMaxTokens() != null;
    }
    tagNames = Set.copyOf(names);
    tags = tagNames.toArray(new String[0]);
    anyWaits = waits;
    anyRemedy = remedy || waits || limits;
    anyLimitsOutput = limits;
    anyFallsBackEarly = early;
    this.means = means;
    settlements = new HoldSettlements(byName, anyWaits, means);
  }

  /** The roster of other budgets, in which those whose name stays keep what was changed by hand. */
  Roster with(List<Budget> others, String reason, Consumer<BudgetChange> changes) {
    List<BudgetAccounts> all = new ArrayList<>();
    for (Budget budget : others) {
      BudgetAccounts known = byName.get(budget.name());
      if (known == null) {
        all.add(new BudgetAccounts(budget, means.clock()));
        changes.accept(new BudgetChange.Added(budget.name(), "", budget, reason));
      } else if (known.budget() == budget) {
        all.add(known);
      } else {
        all.add(new BudgetAccounts(budget, known, means.clock()));
        changes.accept(
            new BudgetChange.Redefined(budget.name(), "", known.budget(), budget, reason));
      }
    }
    Roster after = new Roster(all, means);
    for (BudgetAccounts old : budgets) {
      Budget budget = old.budget();
      if (!after.byName.containsKey(budget.name())) {
        changes.accept(new BudgetChange.Removed(budget.name(), "", budget, reason));
      }
    }
    return after;
  }
}
