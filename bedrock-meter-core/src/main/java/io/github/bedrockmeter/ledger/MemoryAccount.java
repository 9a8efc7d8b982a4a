// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The numbers and open holds of one account of the ledger in memory, guarded by its lock.
 * Thread-safe, except where a method says that the caller holds the lock.
 */
final class MemoryAccount extends AccountLock {
  /*
   * An account is kept while something is held in it, and after that until it was idle for its time
   * or, if it has none, for the length of its window and a grace: in elapsed time, so that no wall
   * clock that jumps makes it forgotten before its end. Whether it is kept is decided under its lock,
   * like everything else about it, so that no hold is taken in an account that is on its way out.
   *
   * A settlement counts as a use only where there is an idle time. Elsewhere its hold was one, in the
   * window, so what comes after the window's length is after its end; and the clock need not be read.
   * Nor need it be for an account that is never forgotten.
   */
  static final long UNTIMED = Long.MIN_VALUE;

  private static final long FOREVER = Long.MAX_VALUE;

  private final Account account;
  private final long number;
  private final long keptNanos;
  private final OpenHolds open = new OpenHolds();
  private long settled;
  private long held;
  private long lastUse;
  private boolean over;
  private volatile boolean gone;

  /**
   * An account in which nothing is settled or held.
   *
   * @param number its place in the order of locking
   * @param grace how long it is kept beyond its window's length
   * @param now elapsed nanoseconds
   */
  MemoryAccount(Account account, long number, Duration grace, long now) {
    this.account = account;
    this.number = number;
    this.keptNanos = keptNanos(account, grace);
    this.lastUse = now;
  }

  private static long keptNanos(Account account, Duration grace) {
    Duration idle = account.idle();
    if (idle != null) {
      return TimeUnit.MILLISECONDS.toNanos(idle.toMillis());
    }
    if (!mayBeForgotten(account)) {
      return FOREVER;
    }
    long seconds = account.end().getEpochSecond() - account.start().getEpochSecond();
    return Math.min(TimeUnit.SECONDS.toNanos(seconds), FOREVER / 2) + grace.toNanos();
  }

  /** Whether an account is ever forgotten; where not, no time need be known. */
  static boolean mayBeForgotten(Account account) {
    return account.idle() != null || !account.isForever();
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
      account.lock();
    }
  }

  /**
   * Whether this account was dropped between finding and locking it, or is to be dropped now. The
   * caller holds the lock.
   */
  boolean isGone(long now) {
    gone |= isForgotten(now);
    return gone;
  }

  private boolean isForgotten(long now) {
    return open.isEmpty() && keptNanos != FOREVER && now - lastUse >= keptNanos;
  }

  static void unlock(MemoryAccount[] sorted) {
    for (MemoryAccount account : sorted) {
      account.unlock();
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

  /**
   * Ends a use of this account. Returns whether it was dropped, since nothing is held in it and
   * nothing settled, or its window is over: what is refused or given back must not fill the ledger.
   * The caller holds the lock.
   */
  boolean rest(long now) {
    if (now - lastUse > 0) {
      lastUse = now;
    }
    gone |= open.isEmpty() && (over || settled == 0);
    return gone;
  }

  /** Like {@link #rest}, for a caller who does not hold the lock and has not used the account. */
  boolean dropIfUnused() {
    lock();
    try {
      gone |= open.isEmpty() && settled == 0;
      return gone;
    } finally {
      unlock();
    }
  }

  /** Drops this account if it is over and holds nothing, or else when it holds nothing any more. */
  boolean dropIfOver(Instant today, long now) {
    lock();
    try {
      over = !account.end().isAfter(today);
      gone |= open.isEmpty() && (over || isForgotten(now));
      return gone;
    } finally {
      unlock();
    }
  }

  /** The least time for which it is kept from now on. */
  long keptFor(long now) {
    lock();
    try {
      return open.isEmpty() && keptNanos != FOREVER ? keptNanos - (now - lastUse) : keptNanos;
    } finally {
      unlock();
    }
  }

  /** Whether it was dropped. */
  boolean wasDropped() {
    return gone;
  }

  /**
   * Settles a hold, and writes the settled amount before and after into {@code steps}. Returns
   * false, having done nothing, if this account was dropped in the meantime.
   *
   * @param time elapsed nanoseconds, {@link #UNTIMED} where the account has no idle time
   */
  boolean settle(String id, long actual, long[] steps, int at, long time) {
    lock();
    try {
      long now = time == UNTIMED ? lastUse : time;
      if (isGone(now)) {
        return false;
      }
      steps[at] = settled;
      long after = Math.addExact(settled, actual);
      Hold hold = open.remove(id);
      if (hold != null) {
        settled = after;
        held -= hold.amount();
      }
      steps[at + 1] = settled;
      rest(now);
      return true;
    } finally {
      unlock();
    }
  }

  List<OpenHold> openHolds() {
    lock();
    try {
      return open.list().stream()
          .map(hold -> new OpenHold(hold.id(), account, hold.amount(), null, false))
          .toList();
    } finally {
      unlock();
    }
  }

  Balance release(String id) {
    lock();
    try {
      Hold hold = open.remove(id);
      if (hold != null) {
        held -= hold.amount();
        open.add(new Hold(id, account, 0, hold.limit(), hold.enforced()));
      }
      return new Balance(account, settled, held, 0);
    } finally {
      unlock();
    }
  }

  /** Adds to what is settled; null if this account was dropped in the meantime. */
  @Nullable Settled adjust(long delta, long now) {
    lock();
    try {
      if (isGone(now)) {
        return null;
      }
      long before = settled;
      settled = Math.max(0, Math.addExact(settled, delta));
      rest(now);
      return new Settled(account, before, settled);
    } finally {
      unlock();
    }
  }

  /** The balance, looked at without being used; all zero once the account is forgotten. */
  Balance balance(long now) {
    lock();
    try {
      return isGone(now) ? new Balance(account, 0, 0, 0) : new Balance(account, settled, held, 0);
    } finally {
      unlock();
    }
  }
}
