// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Budget;
import java.util.List;

/** What came of looking at a file of budgets. */
public sealed interface Reload {

  /** The file says what is in force, or has been refused already as it is now. */
  record Unchanged() implements Reload {}

  /**
   * The file had changed, and its budgets are in force.
   *
   * @param budgets all of them, in the file's order; those whose definition did not change are the
   *     same objects as before
   */
  record Replaced(List<Budget> budgets) implements Reload {
    public Replaced {
      budgets = List.copyOf(budgets);
    }
  }

  /** The file had changed and is not fit to be taken in; the budgets stay as they were. */
  record Refused(BudgetsFileException reason) implements Reload {}
}
