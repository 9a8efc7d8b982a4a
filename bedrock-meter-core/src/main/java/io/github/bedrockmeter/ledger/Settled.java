// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

/**
 * What the settlement of one hold did. Exactly one caller sees a balance pass any given value,
 * because the step from before to after is atomic. Immutable and thread-safe.
 *
 * @param account the account that was settled
 * @param before settled amount before, in the account's unit
 * @param after settled amount after; the same as before if the hold had been settled already
 */
public record Settled(Account account, long before, long after) {}
