// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Budget;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of a budget as values that can be compared, without its filter and limits. */
final class Described {
  private Described() {}

  static List<@Nullable Object> of(Budget budget) {
    return Arrays.asList(
        budget.name(),
        budget.limit(),
        budget.window().toString(),
        budget.tagNames(),
        budget.perModel(),
        budget.warnings(),
        budget.mode(),
        budget.unknownPrice(),
        budget.onShortfall(),
        budget.leastOutputTokens(),
        budget.requiresMaxTokens(),
        budget.defaultMaxTokens(),
        budget.requiresBound(),
        budget.fallback(),
        budget.waitUpTo(),
        budget.grants(),
        budget.frozen());
  }

  static List<List<@Nullable Object>> all(List<Budget> budgets) {
    return budgets.stream().map(Described::of).toList();
  }
}
