// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A hold that was taken and has not been settled. Immutable and thread-safe.
 *
 * @param id the call's id
 * @param account where it is held
 * @param amount how much is held, in the account's unit; zero after an operator has released it
 * @param since when it was taken, by the ledger's clock; null where the ledger does not keep it
 * @param abandoned whether it is older than any call lasts, so that its process must be gone
 */
public record OpenHold(
    String id, Account account, long amount, @Nullable Instant since, boolean abandoned) {
  public OpenHold {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(account, "account");
  }
}
