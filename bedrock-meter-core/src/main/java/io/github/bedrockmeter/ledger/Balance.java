// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.Comparator;

/**
 * What is settled and held in an account. Immutable and thread-safe.
 *
 * @param account whose balance it is
 * @param settled what finished calls were charged, in the account's unit
 * @param held what is set aside for calls in flight, in the account's unit
 * @param abandoned the part of {@code held} that has been held for longer than the ledger's {@code
 *     abandonAfter}, so that its process has probably ended; in the account's unit
 */
public record Balance(Account account, long settled, long held, long abandoned) {
  /** By what is settled and held together, the largest first. */
  public static final Comparator<Balance> LARGEST_FIRST =
      Comparator.comparingLong(
              (Balance balance) -> Math.addExact(balance.settled(), balance.held()))
          .reversed();

  /** What is left below {@code limit}; negative if the account is in debt. */
  public long available(long limit) {
    return Math.subtractExact(limit, Math.addExact(settled, held));
  }
}
