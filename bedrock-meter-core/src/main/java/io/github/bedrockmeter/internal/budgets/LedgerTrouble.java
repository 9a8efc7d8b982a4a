// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which holds are not sent to a ledger for a while, because those before them failed. Knows no
 * ledger, only what became of holds. Thread-safe.
 */
final class LedgerTrouble {
  /*
   * A store that is down must not cost each call the ledger's timeout, and one account in trouble, a
   * row that is locked, must not cost the others anything. What a failure does not say is which of
   * the call's accounts it is about, or whether it is the store. So it is inferred:
   *
   *   - An account is suspect when so many holds on it failed in a row, with no success on it
   *     between. What those holds had in common besides it may be the reason as well: calls that
   *     have all of that in them are not sent. A call of another tenant on the same budget is, and
   *     its success clears the account that they share.
   *   - The store is suspect when so many holds in a row failed, whatever the account, and no account
   *     was in all of them. Calls of suspect accounts are not counted here.
   *
   * Each trouble lets one call through a pause as a probe, and ends with the first success.
   */
  static final int FAILURES_IN_A_ROW = 5;
  static final Duration PAUSE = Duration.ofSeconds(1);

  /** Accounts that failed once and were never used again are forgotten beyond so many. */
  private static final int MOST_ACCOUNTS = 1_000;

  private final Map<Account, Streak> byAccount = new LinkedHashMap<>();
  private Streak store = new Streak();
  private volatile boolean any;

  /** Failures in a row, and what the failed holds had in common. */
  private static final class Streak {
    private int failures;
    private @Nullable Set<Account> common;
    private long probeAt;

    void add(Set<Account> accounts, long now) {
      failures++;
      probeAt = now + PAUSE.toNanos();
      Set<Account> shared = new HashSet<>(accounts);
      if (common != null) {
        shared.retainAll(common);
      }
      common = shared;
    }

    boolean isOver() {
      return failures >= FAILURES_IN_A_ROW;
    }

    /** Whether this caller is to wait, and is not the one who tries whether the trouble is over. */
    boolean stops(long now) {
      if (now - probeAt < 0) {
        return true;
      }
      probeAt = now + PAUSE.toNanos();
      return false;
    }
  }

  /** What kept a hold from being sent: an account, or the store where that is null. */
  record Stop(@Nullable Account account) {}

  /** Whether nothing failed since the last success. */
  boolean isNone() {
    return !any;
  }

  /** Whether holds of every account are kept from the store. */
  synchronized boolean isOfStore() {
    return isStoreDown();
  }

  /** The accounts that failed so often that holds on them are kept from the store. */
  synchronized List<Account> accounts() {
    List<Account> over = new ArrayList<>();
    byAccount.forEach(
        (account, streak) -> {
          if (streak.isOver()) {
            over.add(account);
          }
        });
    return over;
  }

  /** Why holds are not to be sent now; null if they are. */
  synchronized @Nullable Stop stop(List<Hold> holds, long now) {
    if (!any) {
      return null;
    }
    Account suspect = suspect(accounts(holds));
    if (suspect != null) {
      Streak streak = byAccount.get(suspect);
      return streak != null && streak.stops(now) ? new Stop(suspect) : null;
    }
    return isStoreDown() && store.stops(now) ? new Stop(null) : null;
  }

  private static Set<Account> accounts(List<Hold> holds) {
    Set<Account> accounts = new HashSet<>();
    for (Hold hold : holds) {
      accounts.add(hold.account());
    }
    return accounts;
  }

  private @Nullable Account suspect(Set<Account> accounts) {
    for (Account account : accounts) {
      Streak streak = byAccount.get(account);
      if (streak != null
          && streak.isOver()
          && streak.common != null
          && accounts.containsAll(streak.common)) {
        return account;
      }
    }
    return null;
  }

  private boolean isStoreDown() {
    return store.isOver() && store.common != null && store.common.isEmpty();
  }

  /** The ledger answered. Returns whether that ends the trouble of the store. */
  synchronized boolean succeeded(List<Hold> holds) {
    boolean wasDown = isStoreDown();
    store = new Streak();
    for (Hold hold : holds) {
      byAccount.remove(hold.account());
    }
    any = !byAccount.isEmpty();
    return wasDown;
  }

  /** The ledger failed, or did not answer. Returns what is stopped from now on, if that is new. */
  synchronized @Nullable Stop failed(List<Hold> holds, long now) {
    any = true;
    Set<Account> accounts = accounts(holds);
    boolean wasDown = isStoreDown();
    Account before = suspect(accounts);
    if (before == null) {
      store.add(accounts, now);
    }
    for (Account account : accounts) {
      Streak streak = byAccount.remove(account); // the latest come last
      streak = streak == null ? new Streak() : streak;
      streak.add(accounts, now);
      byAccount.put(account, streak);
    }
    while (byAccount.size() > MOST_ACCOUNTS) {
      byAccount.remove(byAccount.keySet().iterator().next());
    }
    if (!wasDown && isStoreDown()) {
      return new Stop(null);
    }
    Account suspect = before == null ? suspect(accounts) : null;
    return suspect == null ? null : new Stop(suspect);
  }
}
