// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Account;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of one budget in its current window, by scope, so that a call does not make an
 * account's name anew, and what was settled in each as far as this meter knows. Thread-safe.
 */
final class WindowAccounts {
  /** Scopes beyond this many are counted all the same, only not remembered. */
  private static final int MOST_REMEMBERED = 10_000;

  private static final long UNKNOWN = -1;

  private final Budget budget;
  private final InstantSource clock;
  private volatile Current current = new Current(new Window.Span(Instant.MIN, Instant.MIN), null);
  private volatile Current other = current;

  WindowAccounts(Budget budget, InstantSource clock) {
    this.budget = budget;
    this.clock = clock;
  }

  /** The account of a scope in the window of an instant. */
  Account of(String scope, Instant at) {
    Current known = known(at);
    Current now = known != null ? known : turned(at);
    Seen seen = now.accounts.get(scope);
    if (seen != null) {
      return seen.account;
    }
    Account account =
        new Account(
            budget.name(),
            budget.limit().unit(),
            scope,
            now.span.start(),
            now.span.end(),
            budget.window().idle());
    if (now.accounts.size() < MOST_REMEMBERED) {
      now.accounts.put(scope, new Seen(account));
    }
    return account;
  }

  /** Remembers what was settled in an account after a call. */
  void settled(Account account, long settled) {
    Seen seen = seen(account.scope(), account.start());
    if (seen != null && seen.account.equals(account)) {
      seen.settled = settled;
    }
  }

  /**
   * Whether an account is reported as exhausted now: the first time, and again where its limit was
   * raised since. An account beyond those that are remembered is not.
   */
  boolean exhausts(Account account, long limit) {
    Seen seen = seen(account.scope(), account.start());
    return seen != null && seen.account.equals(account) && seen.exhausts(limit);
  }

  /** What was settled of a scope in the window of an instant; negative if that is unknown. */
  long settledOf(String scope, Instant at) {
    Seen seen = seen(scope, at);
    return seen == null ? UNKNOWN : seen.settled;
  }

  private @Nullable Seen seen(String scope, Instant at) {
    Current known = known(at);
    return known == null ? null : known.accounts.get(scope);
  }

  /** No more than so many accounts of the window of an instant: those in which most was settled. */
  List<Account> largestAt(Instant instant, int atMost) {
    Current known = known(instant);
    if (known == null) {
      return List.of();
    }
    return known.accounts.values().stream()
        .sorted(Comparator.comparingLong((Seen seen) -> seen.settled).reversed())
        .limit(atMost)
        .map(seen -> seen.account)
        .toList();
  }

  /** The window of an instant, if it is one of the two that are remembered. */
  private @Nullable Current known(Instant instant) {
    Current now = current;
    if (now.span.contains(instant)) {
      return now;
    }
    Current before = other;
    return before.span.contains(instant) ? before : null;
  }

  /**
   * Remembers the window of an instant. Two are remembered: that of the clock's time, whatever
   * instants are asked for, and one more. A call may be looked at after the next window has begun,
   * and a clock that jumped ahead comes back.
   */
  private synchronized Current turned(Instant instant) {
    Current known = known(instant);
    if (known != null) {
      return known;
    }
    Current fresh = new Current(budget.window().spanAt(instant), budget.window().idle());
    Instant now = now(instant);
    Current first = current;
    if (other.span.contains(now)) {
      // The clock came back.
      current = other;
      other = fresh;
    } else if (first.span.contains(now)) {
      other = fresh;
    } else {
      other = first;
      current = fresh;
    }
    return fresh;
  }

  /** The clock's time; a broken clock makes the window that is asked for the present one. */
  private Instant now(Instant otherwise) {
    try {
      return clock.instant();
    } catch (RuntimeException broken) {
      return otherwise;
    }
  }

  /** A window and the accounts seen in it. */
  private static final class Current {
    private final Window.Span span;
    private final Map<String, Seen> accounts;

    Current(Window.Span span, @Nullable Duration idle) {
      this.span = span;
      this.accounts =
          idle == null
              ? new ConcurrentHashMap<>()
              : Caffeine.newBuilder()
                  .executor(Runnable::run)
                  .maximumSize(MOST_REMEMBERED)
                  .expireAfterAccess(idle)
                  .<String, Seen>build()
                  .asMap();
    }
  }

  /** An account, and what was settled in it as far as this meter knows. */
  private static final class Seen {
    private final Account account;
    private volatile long settled;
    private long exhaustedLimit = UNKNOWN;

    Seen(Account account) {
      this.account = account;
    }

    synchronized boolean exhausts(long limit) {
      boolean isNews = limit > exhaustedLimit;
      exhaustedLimit = Math.max(limit, exhaustedLimit);
      return isNews;
    }
  }
}
