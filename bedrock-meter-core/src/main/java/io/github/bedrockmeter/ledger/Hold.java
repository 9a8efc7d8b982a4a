// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.Objects;

/**
 * A request to set an amount aside while a call is in flight. Immutable and thread-safe.
 *
 * @param id the call's id; with the account it names the hold
 * @param account the account that the amount is set aside in
 * @param amount how much, in the account's unit, not negative
 * @param limit what settled and held together may not exceed, in the account's unit, not negative
 * @param enforced whether a shortfall refuses the hold; if not, the hold is taken all the same and
 *     the shortfall is reported
 */
public record Hold(String id, Account account, long amount, long limit, boolean enforced) {
  public Hold {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(account, "account");
    if (amount < 0) {
      throw new IllegalArgumentException("amount must not be negative: " + amount);
    }
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative: " + limit);
    }
  }
}
