// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which accounts of a ledger to tell. Immutable and thread-safe.
 *
 * @param budget only accounts of this budget; null for all
 * @param during only accounts whose window contains this instant; null for all
 * @param atMost no more than so many: the largest by what is settled and held
 */
public record AccountQuery(@Nullable String budget, @Nullable Instant during, int atMost) {
  public AccountQuery {
    if (atMost < 1) {
      throw new IllegalArgumentException("asks for " + atMost + " accounts; ask for one at least");
    }
  }

  /** The largest accounts of all budgets and windows. */
  public static AccountQuery all(int atMost) {
    return new AccountQuery(null, null, atMost);
  }

  /** The largest accounts of one budget in the window of an instant. */
  public static AccountQuery of(String budget, Instant during, int atMost) {
    return new AccountQuery(budget, during, atMost);
  }

  /** Whether an account is one of those that are asked for. */
  public boolean includes(Account account) {
    return (budget == null || budget.equals(account.budget()))
        && (during == null
            || (!during.isBefore(account.start()) && during.isBefore(account.end())));
  }
}
