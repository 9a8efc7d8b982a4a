// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.Objects;

/**
 * The end of a hold. Immutable and thread-safe.
 *
 * @param hold the hold that ends, as it was taken
 * @param actual what is charged instead, in the account's unit: zero releases the hold, more than
 *     was held is charged in full
 */
public record Settlement(Hold hold, long actual) {
  public Settlement {
    Objects.requireNonNull(hold, "hold");
    if (actual < 0) {
      throw new IllegalArgumentException("negative settlement: " + actual);
    }
  }
}
