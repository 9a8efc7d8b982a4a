// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigDecimal;

/**
 * Settled spending reached a share of a budget's limit. Reported once for each share, balance and
 * window. Immutable and thread-safe.
 *
 * @param account the balance
 * @param share the share that was reached, 0.8 for 80 %
 * @param settled what has been charged in the window so far
 * @param limit the budget's limit
 */
public record ThresholdEvent(Account account, BigDecimal share, Amount settled, Amount limit) {

  /** The budget's name. */
  public String budget() {
    return account.budget();
  }
}
