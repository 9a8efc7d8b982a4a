// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.Nullable;

/**
 * The latest holds that were settled from slices, so that repeating a settlement is not taken for
 * one whose hold was lost. A ring: to add costs no allocation, and to ask, which is rare, a look at
 * each. Guarded by the lock of its ledger.
 */
final class RecentSettlements {
  private static final int SIZE = 4_096;

  private final @Nullable Hold[] ring = new @Nullable Hold[SIZE];
  private int next;

  void add(Hold hold) {
    ring[next] = hold;
    next = (next + 1) % SIZE;
  }

  boolean contains(Hold hold) {
    for (Hold settled : ring) {
      if (settled != null
          && settled.id().equals(hold.id())
          && settled.account().equals(hold.account())) {
        return true;
      }
    }
    return false;
  }
}
