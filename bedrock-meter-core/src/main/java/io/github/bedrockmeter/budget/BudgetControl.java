// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.budget.Budget.Grant;
import java.util.concurrent.CompletableFuture;

/**
 * Changes one budget of a meter while it is in force. Every change is reported to {@code
 * MeterListener.onBudgetChanged}. Thread-safe.
 *
 * <p>Mode, grants and freezes are this meter's own: where many processes share a ledger, give them
 * through the budgets' definition, which each of them reads. Charges and credits change the balance
 * in the ledger, for all.
 */
public interface BudgetControl {

  /** The budget as it was defined. */
  Budget budget();

  /** Whether the budget now denies, only reports, or only counts. */
  Budget.Mode mode();

  /** Changes the mode from the next call on. */
  void mode(Budget.Mode mode, String reason);

  /** Raises a limit for a while. */
  void grant(Grant grant);

  /**
   * Denies the calls of a scope whatever is left, until it is thawed.
   *
   * @param scope as {@code team=search}; empty for the whole budget
   */
  void freeze(String scope, String reason);

  /** Takes the calls of a scope again; nothing, if it is not frozen. */
  void thaw(String scope, String reason);

  /**
   * Charges an amount in the current window that no call was charged.
   *
   * @return what is settled afterwards
   */
  CompletableFuture<Amount> charge(String scope, Amount amount, String reason);

  /**
   * Gives back an amount in the current window; what is settled does not fall below zero.
   *
   * @return what is settled afterwards
   */
  CompletableFuture<Amount> credit(String scope, Amount amount, String reason);
}
