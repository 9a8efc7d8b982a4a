// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The accounts of one budget in the ledger in memory, and how many there may be. Thread-safe. */
final class MemoryAccounts {
  /*
   * What holds nothing and is over makes room. Over by elapsed time, which no wall clock that jumps
   * can hurry, is looked for whenever the number of accounts has doubled. Over by the wall clock is
   * looked for only when there is no room left otherwise, and not before the first end of a window
   * that was seen: names that are made up must not make each call go through all accounts.
   */
  private static final int FEW = 1_000;
  private static final long LATER = Long.MAX_VALUE / 4;

  private final Map<Account, MemoryAccount> entries = new ConcurrentHashMap<>();
  private final ReentrantLock creation = new ReentrantLock();
  private final Rules rules;
  private int lookAt = FEW;
  private Instant nextEnd = Instant.MAX;
  private @Nullable Long nextForgotten;

  /**
   * What is the same for all budgets.
   *
   * @param clock the wall clock, by which windows end
   * @param nanoClock elapsed time, by which accounts are forgotten
   * @param numbers the order in which accounts are made
   * @param grace how long an account is kept beyond its window, for those who look at it
   */
  record Rules(
      InstantSource clock,
      LongSupplier nanoClock,
      AtomicLong numbers,
      int maximum,
      Duration grace) {}

  MemoryAccounts(Rules rules) {
    this.rules = rules;
  }

  @Nullable MemoryAccount get(Account account) {
    return entries.get(account);
  }

  Collection<MemoryAccount> all() {
    return entries.values();
  }

  /** Takes out an account that was dropped. */
  void remove(MemoryAccount dropped) {
    entries.remove(dropped.account(), dropped);
  }

  /** The entry of an account, made if there is none yet; null if there is no room for it. */
  @Nullable MemoryAccount getOrCreate(Account account) {
    MemoryAccount known = entries.get(account);
    return known != null ? known : create(account);
  }

  private @Nullable MemoryAccount create(Account account) {
    long now = rules.nanoClock.getAsLong();
    creation.lock();
    try {
      MemoryAccount known = entries.get(account);
      if (known != null) {
        return known;
      }
      if (entries.size() >= lookAt) {
        dropOver(Instant.MIN, now);
        lookAt = Math.max(FEW, 2 * entries.size());
      }
      if (entries.size() >= rules.maximum && !makesRoom(now)) {
        return null;
      }
      MemoryAccount entry =
          new MemoryAccount(account, rules.numbers.getAndIncrement(), rules.grace, now);
      entries.put(account, entry);
      expect(entry, now);
      return entry;
    } finally {
      creation.unlock();
    }
  }

  private boolean makesRoom(long now) {
    Instant today = rules.clock.instant();
    boolean mayBeForgotten = nextForgotten != null && now - nextForgotten >= 0;
    if (today.isBefore(nextEnd) && !mayBeForgotten) {
      return false;
    }
    dropOver(today, now);
    return entries.size() < rules.maximum;
  }

  private void dropOver(Instant today, long now) {
    nextEnd = Instant.MAX;
    nextForgotten = null;
    for (MemoryAccount entry : entries.values()) {
      if (entry.dropIfOver(today, now)) {
        remove(entry);
      } else if (entry.account().end().isAfter(today)) {
        expect(entry, now);
      }
    }
  }

  /** Notes when an account may be over. */
  private void expect(MemoryAccount entry, long now) {
    if (entry.account().end().isBefore(nextEnd)) {
      nextEnd = entry.account().end();
    }
    long forgotten = now + Math.min(LATER, entry.keptFor(now));
    if (nextForgotten == null || forgotten - nextForgotten < 0) {
      nextForgotten = forgotten;
    }
  }
}
