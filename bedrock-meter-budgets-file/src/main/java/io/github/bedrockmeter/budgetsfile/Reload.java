// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Budget;
import java.util.List;

/** The result of reading a file of budgets again. Immutable and thread-safe. */
public sealed interface Reload {

  /** The file defines the budgets that are in force, or its present content was refused before. */
  record Unchanged() implements Reload {}

  /**
   * The file had changed, and its budgets are in force.
   *
   * @param budgets all budgets, in the file's order; a budget whose definition did not change is
   *     the same object as before
   */
  record Replaced(List<Budget> budgets) implements Reload {
    public Replaced {
      budgets = List.copyOf(budgets);
    }
  }

  /** The file had changed and contains a mistake; the previous budgets stay in force. */
  record Refused(BudgetsFileException reason) implements Reload {}
}
