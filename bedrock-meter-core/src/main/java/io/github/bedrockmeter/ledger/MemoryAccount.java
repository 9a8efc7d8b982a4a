// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The numbers and open holds of one account of the ledger in memory, guarded by the account's lock.
 * Thread-safe, except where a method says that the caller holds the lock.
 */
final class MemoryAccount {
  private final Account account;
  private final long number;
  private final ReentrantLock lock = new ReentrantLock();
  private final OpenHolds open = new OpenHolds();
  private long settled;
  private long held;
  private boolean gone;

  MemoryAccount(Account account, long number) {
    this.account = account;
    this.number = number;
  }

  /**
   * Accounts in the order in which they are locked, which is that of their numbers. Mostly they are
   * in it already; a plain insertion sort, since calls touch few.
   */
  static MemoryAccount[] inLockingOrder(MemoryAccount[] touched) {
    if (isInOrder(touched)) {
      return touched;
    }
    MemoryAccount[] sorted = touched.clone();
    for (int i = 1; i < sorted.length; i++) {
      MemoryAccount account = sorted[i];
      int j = i;
      for (; j > 0 && sorted[j - 1].number > account.number; j--) {
        sorted[j] = sorted[j - 1];
      }
      sorted[j] = account;
    }
    return sorted;
  }

  private static boolean isInOrder(MemoryAccount[] accounts) {
    for (int i = 1; i < accounts.length; i++) {
      if (accounts[i - 1].number > accounts[i].number) {
        return false;
      }
    }
    return true;
  }

  static void lock(MemoryAccount[] sorted) {
    for (MemoryAccount account : sorted) {
      account.lock.lock();
    }
  }

  /** Whether one of these locked accounts was dropped between finding and locking it. */
  static boolean anyGone(MemoryAccount[] accounts) {
    for (MemoryAccount account : accounts) {
      if (account.gone) {
        return true;
      }
    }
    return false;
  }

  static void unlock(MemoryAccount[] sorted) {
    for (MemoryAccount account : sorted) {
      account.lock.unlock();
    }
  }

  Account account() {
    return account;
  }

  /** What is left below a limit. The caller holds the lock. */
  long available(long limit) {
    return Math.subtractExact(limit, Math.addExact(settled, held));
  }

  /**
   * Throws an {@link ArithmeticException} if the sum with this hold would not fit into a {@code
   * long}. The caller holds the lock.
   */
  void checkRoomFor(Hold hold) {
    Math.addExact(settled, Math.addExact(held, hold.amount()));
  }

  /** Whether a hold of this id is open. The caller holds the lock. */
  boolean isOpen(String id) {
    return open.contains(id);
  }

  /** Takes a hold, unless one of its id is open. The caller holds the lock. */
  void take(Hold hold) {
    if (open.add(hold)) {
      held = Math.addExact(held, hold.amount());
    }
  }

  /** Whether nothing is settled or held. The caller holds the lock. */
  boolean isUnused() {
    return settled == 0 && held == 0 && open.isEmpty();
  }

  /** Makes this account one that is not used any more. The caller holds the lock. */
  void drop() {
    gone = true;
  }

  /** Whether the window ended before an instant; then the account is dropped. */
  boolean isOver(Instant instant) {
    lock.lock();
    try {
      gone |= account.end().isBefore(instant);
      return gone;
    } finally {
      lock.unlock();
    }
  }

  boolean holdsNothing() {
    lock.lock();
    try {
      return open.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Settles a hold, and writes the settled amount before and after into {@code steps}. */
  void settle(String id, long actual, long[] steps, int at) {
    lock.lock();
    try {
      steps[at] = settled;
      long after = Math.addExact(settled, actual);
      Hold hold = open.remove(id);
      if (hold != null) {
        settled = after;
        held -= hold.amount();
      }
      steps[at + 1] = settled;
    } finally {
      lock.unlock();
    }
  }

  List<OpenHold> openHolds() {
    lock.lock();
    try {
      return open.list().stream()
          .map(hold -> new OpenHold(hold.id(), account, hold.amount(), null, false))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  Balance release(String id) {
    lock.lock();
    try {
      Hold hold = open.remove(id);
      if (hold != null) {
        held -= hold.amount();
        open.add(new Hold(id, account, 0, hold.limit(), hold.enforced()));
      }
      return new Balance(account, settled, held, 0);
    } finally {
      lock.unlock();
    }
  }

  /** Adds to what is settled; null if this account was dropped in the meantime. */
  @Nullable Settled adjust(long delta) {
    lock.lock();
    try {
      if (gone) {
        return null;
      }
      long before = settled;
      settled = Math.max(0, Math.addExact(settled, delta));
      return new Settled(account, before, settled);
    } finally {
      lock.unlock();
    }
  }

  Balance balance() {
    lock.lock();
    try {
      return new Balance(account, settled, held, 0);
    } finally {
      lock.unlock();
    }
  }
}
