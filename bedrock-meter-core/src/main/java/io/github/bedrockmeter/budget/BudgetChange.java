// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import java.time.Instant;

/** What was changed about a budget while it was in force. Immutable and thread-safe. */
public sealed interface BudgetChange {

  /** The budget's name. */
  String budget();

  /** Whose share of it, as {@code team=search}; empty for the whole budget. */
  String scope();

  /** Why, in the words of who did it. */
  String reason();

  /** A limit was raised for a while. */
  record Granted(String budget, String scope, Amount extra, Instant until, String reason)
      implements BudgetChange {}

  /** Calls are denied whatever is left. */
  record Frozen(String budget, String scope, String reason) implements BudgetChange {}

  /** Calls are taken again. */
  record Thawed(String budget, String scope, String reason) implements BudgetChange {}

  /**
   * What was charged was corrected by hand.
   *
   * @param budget the budget
   * @param scope whose share of it
   * @param before what was settled before
   * @param after what is settled now
   * @param reason why
   */
  record Adjusted(String budget, String scope, Amount before, Amount after, String reason)
      implements BudgetChange {}

  /** Whether it denies, only reports, or only counts was changed. */
  record ModeChanged(String budget, String scope, Budget.Mode from, Budget.Mode to, String reason)
      implements BudgetChange {}

  /** The meter has a new budget. */
  record Added(String budget, String scope, Budget now, String reason) implements BudgetChange {}

  /** The meter has a budget of the same name with other settings; what was spent stays spent. */
  record Redefined(String budget, String scope, Budget before, Budget now, String reason)
      implements BudgetChange {}

  /** The meter no longer has a budget. */
  record Removed(String budget, String scope, Budget before, String reason)
      implements BudgetChange {}
}
