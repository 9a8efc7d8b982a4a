// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One budget at work: the accounts of its current window, by scope, so that a call does not make an
 * account's name anew, and its thresholds in units. Thread-safe.
 */
final class BudgetAccounts {
  /** Scopes beyond this many are counted all the same, only not remembered. */
  private static final int MOST_REMEMBERED = 10_000;

  private final Budget budget;
  private final long[] thresholds;
  private volatile Current current = new Current(new Window.Span(Instant.MIN, Instant.MIN));

  BudgetAccounts(Budget budget) {
    this.budget = budget;
    BigDecimal limit = BigDecimal.valueOf(budget.limit().units());
    this.thresholds =
        budget.warnings().stream()
            .mapToLong(
                share -> share.multiply(limit).setScale(0, RoundingMode.CEILING).longValueExact())
            .toArray();
  }

  Budget budget() {
    return budget;
  }

  /** The account that {@code call} is counted in. */
  Account accountOf(MeteredCall call) {
    Current now = at(call.startedAt());
    String scope = budget.scopeOf(call);
    Account known = now.accounts.get(scope);
    if (known != null) {
      return known;
    }
    Account account =
        new Account(budget.name(), budget.limit().unit(), scope, now.span.start(), now.span.end());
    if (now.accounts.size() < MOST_REMEMBERED) {
      now.accounts.put(scope, account);
    }
    return account;
  }

  /** The accounts that calls were counted in during the window of {@code instant}. */
  Collection<Account> accountsAt(Instant instant) {
    return List.copyOf(at(instant).accounts.values());
  }

  /** The share of the limit at which threshold number {@code index} lies. */
  BigDecimal share(int index) {
    return budget.warnings().get(index);
  }

  /** The thresholds in units, rising; shared, not to be written. */
  long[] thresholds() {
    return thresholds;
  }

  private Current at(Instant instant) {
    Current known = current;
    if (known.span.contains(instant)) {
      return known;
    }
    Current fresh = new Current(budget.window().spanAt(instant));
    if (fresh.span.start().isAfter(known.span.start())) {
      current = fresh;
    }
    return fresh;
  }

  /** A window and the accounts seen in it. */
  private static final class Current {
    private final Window.Span span;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();

    Current(Window.Span span) {
      this.span = span;
    }
  }
}
