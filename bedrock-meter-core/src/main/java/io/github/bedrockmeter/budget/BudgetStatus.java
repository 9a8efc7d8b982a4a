// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.ledger.Balance;

/**
 * Where one balance of a budget stands in its current window. Immutable and thread-safe.
 *
 * @param budget the budget
 * @param balance what is settled and held, and in whose account
 */
public record BudgetStatus(Budget budget, Balance balance) {

  /** What finished calls were charged. */
  public Amount settled() {
    return amount(balance.settled());
  }

  /** What calls in flight have set aside. */
  public Amount held() {
    return amount(balance.held());
  }

  /** What is left; zero if the account is in debt. */
  public Amount available() {
    return amount(Math.max(0, balance.available(budget.limit().units())));
  }

  /** Whose balance it is, as {@code tenant=acme}; empty where the budget has only one. */
  public String scope() {
    return balance.account().scope();
  }

  private Amount amount(long units) {
    return new Amount(units, budget.limit().unit());
  }
}
