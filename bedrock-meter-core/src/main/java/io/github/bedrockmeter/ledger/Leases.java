// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The leases of one leased ledger, by account and limit. Guarded by the lock of its ledger. */
final class Leases {
  private final Map<Lease.Key, Lease> byKey = new HashMap<>();

  /** The lease of each hold, made if there is none yet. */
  Lease[] of(List<Hold> holds) {
    Lease[] found = new Lease[holds.size()];
    for (int i = 0; i < found.length; i++) {
      Lease.Key key = key(holds.get(i));
      Lease lease = byKey.get(key);
      if (lease == null) {
        lease = new Lease(key);
        byKey.put(key, lease);
      }
      found[i] = lease;
    }
    return found;
  }

  private static Lease.Key key(Hold hold) {
    return new Lease.Key(hold.account(), hold.limit());
  }

  /** The lease of a hold; null if there is none. */
  @Nullable Lease find(Hold hold) {
    return byKey.get(key(hold));
  }

  /** The first of some leases that has too little for its hold; -1 if all have enough. */
  static int firstLacking(List<Hold> holds, Lease[] leases) {
    for (int i = 0; i < leases.length; i++) {
      if (!leases[i].covers(holds.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /** Takes each hold from its lease. */
  static void take(List<Hold> holds, Lease[] leases) {
    for (int i = 0; i < leases.length; i++) {
      leases[i].take(holds.get(i));
    }
  }

  Collection<Lease> all() {
    return byKey.values();
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  /** Forgets leases that hold nothing, here or on the remote ledger. */
  void removeOver() {
    byKey.values().removeIf(Lease::isOver);
  }

  /** Whether nothing is held on the remote ledger but what open holds need. */
  boolean areReturned() {
    return byKey.values().stream().allMatch(Lease::isReturned);
  }
}
