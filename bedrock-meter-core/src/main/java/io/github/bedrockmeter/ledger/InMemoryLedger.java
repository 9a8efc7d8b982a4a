// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
   * The maximum is for each budget, so that the scopes of one cannot take the place of another's.
   */
  private static final CompletableFuture<HoldResult> CLEAN =
      CompletableFuture.completedFuture(HoldResult.CLEAN);

  private final Map<String, MemoryAccounts> byBudget = new ConcurrentHashMap<>();
  private final MemoryAccounts.Rules rules;
  private final LongSupplier nanoClock;

  InMemoryLedger(InstantSource clock, LongSupplier nanoClock, int maximumAccounts, Duration grace) {
    if (maximumAccounts < 1) {
      throw new IllegalArgumentException("maximumAccounts must be positive: " + maximumAccounts);
    }
    this.rules =
        new MemoryAccounts.Rules(clock, nanoClock, new AtomicLong(), maximumAccounts, grace);
    this.nanoClock = nanoClock;
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    MemoryAccount[] touched = new MemoryAccount[holds.size()];
    long now = needsTime(holds) ? nanoClock.getAsLong() : MemoryAccount.UNTIMED;
    while (true) {
      for (int i = 0; i < touched.length; i++) {
        Account account = holds.get(i).account();
        MemoryAccount entry = accountsOf(account).getOrCreate(account);
        if (entry == null) {
          dropUnused(touched, i);
          return CompletableFuture.completedFuture(full(account));
        }
        touched[i] = entry;
      }
      MemoryAccount[] locked = MemoryAccount.inLockingOrder(touched);
      MemoryAccount.lock(locked);
      try {
        if (removeGone(locked, now)) {
          continue;
        }
        try {
          HoldResult result = holdLocked(holds, touched);
          return result == HoldResult.CLEAN ? CLEAN : CompletableFuture.completedFuture(result);
        } finally {
          rest(locked, now);
        }
      } finally {
        MemoryAccount.unlock(locked);
      }
    }
  }

  /** Whether any account may be forgotten: the time costs a fifth of a hold. */
  private static boolean needsTime(List<Hold> holds) {
    for (int i = 0; i < holds.size(); i++) {
      if (MemoryAccount.mayBeForgotten(holds.get(i).account())) {
        return true;
      }
    }
    return false;
  }

  private MemoryAccounts accountsOf(Account account) {
    MemoryAccounts known = byBudget.get(account.budget());
    if (known != null) {
      return known;
    }
    MemoryAccounts fresh = new MemoryAccounts(rules);
    MemoryAccounts other = byBudget.putIfAbsent(account.budget(), fresh);
    return other == null ? fresh : other;
  }

  private @Nullable MemoryAccount find(Account account) {
    MemoryAccounts accounts = byBudget.get(account.budget());
    return accounts == null ? null : accounts.get(account);
  }

  private void remove(MemoryAccount gone) {
    accountsOf(gone.account()).remove(gone);
  }

  /** The accounts that a call was about to use, until one found no room. */
  private void dropUnused(MemoryAccount[] touched, int count) {
    for (int i = 0; i < count; i++) {
      if (touched[i].dropIfUnused()) {
        remove(touched[i]);
      }
    }
  }

  private boolean removeGone(MemoryAccount[] locked, long now) {
    boolean any = false;
    for (MemoryAccount entry : locked) {
      if (entry.isGone(now)) {
        remove(entry);
        any = true;
      }
    }
    return any;
  }

  private void rest(MemoryAccount[] locked, long now) {
    for (MemoryAccount entry : locked) {
      if (entry.rest(now)) {
        remove(entry);
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
      long now = hold.account().idle() == null ? MemoryAccount.UNTIMED : nanoClock.getAsLong();
      boolean settled = false;
      while (!settled) {
        MemoryAccount entry = find(hold.account());
        settled = entry == null || entry.settle(hold.id(), actuals[i], steps, 2 * i, now);
        if (entry != null && entry.wasDropped()) {
          remove(entry);
        }
      }
    }
    return CompletableFuture.completedFuture(new SettledSteps(holds, steps));
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    long now = nanoClock.getAsLong();
    List<Balance> balances = new ArrayList<>(accounts.size());
    for (Account account : accounts) {
      MemoryAccount entry = find(account);
      balances.add(entry == null ? new Balance(account, 0, 0, 0) : entry.balance(now));
    }
    return CompletableFuture.completedFuture(balances);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    long now = nanoClock.getAsLong();
    List<Balance> found = new ArrayList<>();
    for (MemoryAccounts accounts : byBudget.values()) {
      for (MemoryAccount entry : accounts.all()) {
        if (query.includes(entry.account())) {
          Balance balance = entry.balance(now);
          if (balance.settled() != 0 || balance.held() != 0) {
            found.add(balance);
          }
        }
      }
    }
    found.sort(Balance.LARGEST_FIRST);
    return CompletableFuture.completedFuture(
        List.copyOf(found.subList(0, Math.min(found.size(), query.atMost()))));
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    MemoryAccount entry = find(account);
    return CompletableFuture.completedFuture(entry == null ? List.of() : entry.openHolds());
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    MemoryAccount entry = find(hold.account());
    return CompletableFuture.completedFuture(
        entry == null ? new Balance(hold.account(), 0, 0, 0) : entry.release(hold.id()));
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    long now = nanoClock.getAsLong();
    while (true) {
      MemoryAccount entry = accountsOf(account).getOrCreate(account);
      if (entry == null) {
        return CompletableFuture.failedFuture(
            new LedgerUnavailableException(full(account).reason(), null));
      }
      Settled step = entry.adjust(delta, now);
      if (entry.wasDropped()) {
        remove(entry);
      }
      if (step != null) {
        return CompletableFuture.completedFuture(step);
      }
    }
  }

  private HoldResult.Full full(Account account) {
    return new HoldResult.Full(
        "the in-memory ledger already keeps "
            + rules.maximum()
            + " accounts of budget '"
            + Escaped.text(account.budget())
            + "' whose windows are not over; raise its maximum, or let the budget count per a tag"
            + " with fewer values");
  }
}
