// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The ledger of one JVM. Thread-safe; starts no thread. */
final class InMemoryLedger implements Ledger {
  /*
   * One lock for each account, taken in the order the accounts were made. A call with three budgets
   * locks three accounts, checks all, then changes all: no other call sees one change without the
   * others, and two calls with the same accounts cannot wait for each other in a circle.
   * Compare-and-set with undo would be shorter, but a hold that is about to be undone makes other
   * calls fail for nothing.
   *
   * An account is kept for a grace after its window's end, so that calls in flight at that moment
   * still find their hold.
   */
  private static final CompletableFuture<HoldResult> CLEAN =
      CompletableFuture.completedFuture(HoldResult.CLEAN);

  private final Cache<Account, MemoryAccount> entries;
  private final InstantSource clock;
  private final int maximumAccounts;
  private final Duration grace;
  private final LongSupplier nanoClock;
  private final ReentrantLock creation = new ReentrantLock();
  private @Nullable Long lookedAt;
  private long created;

  InMemoryLedger(InstantSource clock, LongSupplier nanoClock, int maximumAccounts, Duration grace) {
    if (maximumAccounts < 1) {
      throw new IllegalArgumentException("maximumAccounts must be positive: " + maximumAccounts);
    }
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.maximumAccounts = maximumAccounts;
    this.grace = grace;
    this.entries =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .ticker(nanoClock::getAsLong)
            .expireAfter(new Retention())
            .build();
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    MemoryAccount[] touched = new MemoryAccount[holds.size()];
    while (true) {
      for (int i = 0; i < touched.length; i++) {
        MemoryAccount entry = entry(holds.get(i).account());
        if (entry == null) {
          return CompletableFuture.completedFuture(full());
        }
        touched[i] = entry;
      }
      MemoryAccount[] locked = MemoryAccount.inLockingOrder(touched);
      MemoryAccount.lock(locked);
      try {
        if (!MemoryAccount.anyGone(locked)) {
          HoldResult result = holdLocked(holds, touched);
          afterUse(locked);
          return result == HoldResult.CLEAN ? CLEAN : CompletableFuture.completedFuture(result);
        }
      } finally {
        MemoryAccount.unlock(locked);
      }
    }
  }

  /** A refused hold leaves no account behind: names that never fit must not fill the ledger. */
  private void afterUse(MemoryAccount[] locked) {
    for (MemoryAccount entry : locked) {
      if (entry.isUnused()) {
        entry.drop();
        entries.asMap().remove(entry.account(), entry);
      } else {
        restIfIdle(entry);
      }
    }
  }

  private static HoldResult holdLocked(List<Hold> holds, MemoryAccount[] touched) {
    List<Shortfall> refused = List.of();
    List<Shortfall> overruns = List.of();
    for (int i = 0; i < touched.length; i++) {
      Hold hold = holds.get(i);
      long available = touched[i].available(hold.limit());
      touched[i].checkRoomFor(hold);
      if (hold.amount() > available && !touched[i].isOpen(hold.id())) {
        Shortfall shortfall = new Shortfall(hold, available);
        if (hold.enforced()) {
          refused = append(refused, shortfall);
        } else {
          overruns = append(overruns, shortfall);
        }
      }
    }
    if (!refused.isEmpty()) {
      return new HoldResult.Refused(refused);
    }
    for (int i = 0; i < touched.length; i++) {
      touched[i].take(holds.get(i));
    }
    return overruns.isEmpty() ? HoldResult.CLEAN : new HoldResult.Held(overruns);
  }

  private static List<Shortfall> append(List<Shortfall> list, Shortfall shortfall) {
    List<Shortfall> longer = list.isEmpty() ? new ArrayList<>() : list;
    longer.add(shortfall);
    return longer;
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    LedgerSupport.checkSettlement(holds, actuals);
    long[] steps = new long[2 * actuals.length];
    for (int i = 0; i < actuals.length; i++) {
      Hold hold = holds.get(i);
      MemoryAccount entry = entries.getIfPresent(hold.account());
      if (entry != null) {
        entry.settle(hold.id(), actuals[i], steps, 2 * i);
        restIfIdle(entry);
      }
    }
    return CompletableFuture.completedFuture(new SettledSteps(holds, steps));
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    List<Balance> balances = new ArrayList<>(accounts.size());
    for (Account account : accounts) {
      MemoryAccount entry = seen(account);
      balances.add(entry == null ? new Balance(account, 0, 0, 0) : entry.balance());
    }
    return CompletableFuture.completedFuture(balances);
  }

  /** The entry of an account, looked at without being used. */
  private @Nullable MemoryAccount seen(Account account) {
    return entries.policy().getIfPresentQuietly(account);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    List<Balance> found = new ArrayList<>();
    for (MemoryAccount entry : entries.asMap().values()) {
      if (query.includes(entry.account())) {
        Balance balance = entry.balance();
        if (balance.settled() != 0 || balance.held() != 0) {
          found.add(balance);
        }
      }
    }
    found.sort(Balance.LARGEST_FIRST);
    return CompletableFuture.completedFuture(
        List.copyOf(found.subList(0, Math.min(found.size(), query.atMost()))));
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    MemoryAccount entry = seen(account);
    return CompletableFuture.completedFuture(entry == null ? List.of() : entry.openHolds());
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    MemoryAccount entry = entries.getIfPresent(hold.account());
    return CompletableFuture.completedFuture(
        entry == null ? new Balance(hold.account(), 0, 0, 0) : entry.release(hold.id()));
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    while (true) {
      MemoryAccount entry = entry(account);
      if (entry == null) {
        return CompletableFuture.failedFuture(
            new LedgerUnavailableException(full().reason(), null));
      }
      Settled step = entry.adjust(delta);
      if (step != null) {
        restIfIdle(entry);
        return CompletableFuture.completedFuture(step);
      }
    }
  }

  /** The entry of an account, made if there is none yet; null if the ledger is full. */
  private @Nullable MemoryAccount entry(Account account) {
    MemoryAccount known = entries.getIfPresent(account);
    return known != null ? known : create(account);
  }

  private @Nullable MemoryAccount create(Account account) {
    creation.lock();
    try {
      MemoryAccount known = entries.getIfPresent(account);
      if (known != null) {
        return known;
      }
      if (entries.estimatedSize() >= maximumAccounts) {
        dropWhatIsOver();
        if (entries.estimatedSize() >= maximumAccounts) {
          return null;
        }
      }
      MemoryAccount entry = new MemoryAccount(account, created++);
      entries.put(account, entry);
      return entry;
    } finally {
      creation.unlock();
    }
  }

  /** Makes room by the wall clock, at most once a second, since it goes through all accounts. */
  private void dropWhatIsOver() {
    long now = nanoClock.getAsLong();
    if (lookedAt != null && now - lookedAt < TimeUnit.SECONDS.toNanos(1)) {
      return;
    }
    lookedAt = now;
    entries.cleanUp();
    Instant over = clock.instant().minus(grace);
    entries.asMap().entrySet().removeIf(entry -> entry.getValue().isOver(over));
  }

  private HoldResult.Full full() {
    return new HoldResult.Full(
        "the in-memory ledger already keeps "
            + maximumAccounts
            + " accounts; raise its maximum, or let budgets count per a tag with fewer values");
  }

  /**
   * How long an account is kept after its last use: the length of its window and a grace, or until
   * it was idle for its time. Measured in elapsed time, so that no wall clock that jumps, ahead or
   * back, makes an account forgotten before its end; what is over by the wall clock is removed when
   * room is needed.
   */
  private final class Retention implements Expiry<Account, MemoryAccount> {
    @Override
    public long expireAfterCreate(Account account, MemoryAccount entry, long now) {
      return timeLeft(account);
    }

    @Override
    public long expireAfterUpdate(Account account, MemoryAccount entry, long now, long left) {
      return timeLeft(account);
    }

    @Override
    public long expireAfterRead(Account account, MemoryAccount entry, long now, long left) {
      return timeLeft(account);
    }

    private long timeLeft(Account account) {
      Duration idle = account.idle();
      if (idle != null) {
        // Shortened again when nothing is held any more.
        return Math.max(saturated(idle), grace.toNanos());
      }
      if (account.isForever()) {
        return Long.MAX_VALUE;
      }
      long seconds = account.end().getEpochSecond() - account.start().getEpochSecond();
      return Math.min(TimeUnit.SECONDS.toNanos(seconds), Long.MAX_VALUE / 2) + grace.toNanos();
    }
  }

  private static long saturated(Duration duration) {
    return TimeUnit.MILLISECONDS.toNanos(duration.toMillis());
  }

  /** An account with an idle time begins to be idle when nothing is held in it. */
  private void restIfIdle(MemoryAccount entry) {
    Duration idle = entry.account().idle();
    if (idle != null && entry.holdsNothing()) {
      entries
          .policy()
          .expireVariably()
          .orElseThrow()
          .setExpiresAfter(entry.account(), saturated(idle), TimeUnit.NANOSECONDS);
    }
  }
}
