// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

/** What a balance counts, always in whole units. */
public enum Unit {
  /** Calls. */
  REQUESTS,
  /** Tokens of every kind. */
  TOKENS,
  /** Nano-dollars, 10<sup>-9</sup> USD; a cost is rounded up on entry. */
  NANO_USD
}
