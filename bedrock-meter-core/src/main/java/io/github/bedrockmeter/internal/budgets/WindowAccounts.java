// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Account;
import java.time.Duration;
import java.time.Instant;
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
  private volatile Current current = new Current(new Window.Span(Instant.MIN, Instant.MIN), null);
  private volatile Current previous = current;

  WindowAccounts(Budget budget) {
    this.budget = budget;
  }

  /** The account of a scope in the window of an instant. */
  Account of(String scope, Instant at) {
    Current now = at(at);
    Seen known = now.accounts.get(scope);
    if (known != null) {
      return known.account;
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
    Seen seen = at(account.start()).accounts.get(account.scope());
    if (seen != null && seen.account.equals(account)) {
      seen.settled = settled;
    }
  }

  /** What was settled of a scope in the window of an instant; negative if that is unknown. */
  long settledOf(String scope, Instant at) {
    Seen seen = at(at).accounts.get(scope);
    return seen == null ? UNKNOWN : seen.settled;
  }

  /** No more than so many accounts of the window of an instant: those in which most was settled. */
  List<Account> largestAt(Instant instant, int atMost) {
    return at(instant).accounts.values().stream()
        .sorted(Comparator.comparingLong((Seen seen) -> seen.settled).reversed())
        .limit(atMost)
        .map(seen -> seen.account)
        .toList();
  }

  /**
   * The window of an instant. Two are remembered: a call may be looked at after the next window has
   * begun, and a clock that jumped ahead comes back.
   */
  private Current at(Instant instant) {
    Current known = current;
    if (known.span.contains(instant)) {
      return known;
    }
    Current before = previous;
    return before.span.contains(instant) ? before : turned(instant);
  }

  private synchronized Current turned(Instant instant) {
    if (current.span.contains(instant)) {
      return current;
    }
    if (!previous.span.contains(instant)) {
      previous = new Current(budget.window().spanAt(instant), budget.window().idle());
    }
    Current fresh = previous;
    previous = current;
    current = fresh;
    return fresh;
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

    Seen(Account account) {
      this.account = account;
    }
  }
}
