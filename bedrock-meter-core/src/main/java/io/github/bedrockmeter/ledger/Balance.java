// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

/**
 * What stands in an account. Immutable and thread-safe.
 *
 * @param account whose balance
 * @param settled what finished calls were charged, in the account's unit
 * @param held what calls in flight have set aside
 * @param abandoned the part of {@code held} whose process is gone
 */
public record Balance(Account account, long settled, long held, long abandoned) {

  /** What is left below {@code limit}; negative if the account is in debt. */
  public long available(long limit) {
    return Math.subtractExact(limit, Math.addExact(settled, held));
  }
}
