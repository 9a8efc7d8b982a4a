// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One budget at work: the accounts of its current window, by scope, so that a call does not make an
 * account's name anew, and what was changed about it since it was defined. Thread-safe.
 */
final class BudgetAccounts {
  private final Budget budget;
  private final long[] thresholds;
  private final boolean remembersSettled;
  private final boolean warnsWhenExhausted;
  private final WindowAccounts accounts;
  private volatile Budget.Mode mode;
  private volatile List<Grant> grants;
  private volatile Map<String, String> frozen;

  BudgetAccounts(Budget budget, InstantSource clock) {
    this(budget, new WindowAccounts(budget, clock));
  }

  private BudgetAccounts(Budget budget, WindowAccounts accounts) {
    this.budget = budget;
    this.accounts = accounts;
    this.mode = budget.mode();
    this.grants = budget.grants();
    this.frozen = budget.frozen();
    this.thresholds = thresholds(budget.limit().units());
    this.warnsWhenExhausted = budget.warnings().contains(BigDecimal.ONE); // without zeros
    Budget.Fallback fallback = budget.fallback();
    this.remembersSettled =
        !budget.tagNames().isEmpty()
            || budget.perModel()
            || (fallback != null && fallback.atShare() != null);
  }

  /** The budget under a new definition: what was changed by hand since the old one stays. */
  BudgetAccounts(Budget budget, BudgetAccounts before, InstantSource clock) {
    this(
        budget,
        sameAccounts(budget, before.budget) ? before.accounts : new WindowAccounts(budget, clock));
    if (budget.mode() == before.budget.mode()) {
      mode = before.mode;
    }
    List<Grant> given = new ArrayList<>(before.grants);
    given.removeAll(before.budget.grants());
    given.removeIf(grant -> grant.extra().unit() != budget.limit().unit());
    given.addAll(budget.grants());
    grants = List.copyOf(given);
    Map<String, String> stopped = new HashMap<>(before.frozen);
    stopped.entrySet().removeAll(before.budget.frozen().entrySet());
    for (Map.Entry<String, String> stop : budget.frozen().entrySet()) {
      String scope = stop.getKey();
      boolean wasSo = stop.getValue().equals(before.budget.frozen().get(scope));
      if (!wasSo || before.frozen.containsKey(scope)) { // else it was thawed by hand
        stopped.putIfAbsent(scope, stop.getValue());
      }
    }
    frozen = Map.copyOf(stopped);
  }

  private static boolean sameAccounts(Budget one, Budget other) {
    return one.limit().unit() == other.limit().unit()
        && one.tagNames().equals(other.tagNames())
        && one.perModel() == other.perModel()
        && one.window().toString().equals(other.window().toString());
  }

  Budget budget() {
    return budget;
  }

  Budget.Mode mode() {
    return mode;
  }

  /** Changes the mode, as {@link InForce#change}; returns the one before. */
  Budget.Mode mode(Budget.Mode next) {
    Budget.Mode before = mode;
    mode = next;
    return before;
  }

  /** Adds a grant, as {@link InForce#change}. */
  void grant(Grant grant) {
    List<Grant> more = new ArrayList<>(grants);
    more.add(grant);
    grants = List.copyOf(more);
  }

  /** Freezes a scope, as {@link InForce#change}. */
  void freeze(String scope, String reason) {
    Map<String, String> more = new HashMap<>(frozen);
    more.put(scope, reason);
    frozen = Map.copyOf(more);
  }

  /** Thaws a scope, as {@link InForce#change}; returns whether it was frozen. */
  boolean thaw(String scope) {
    Map<String, String> fewer = new HashMap<>(frozen);
    boolean was = fewer.remove(scope) != null;
    frozen = Map.copyOf(fewer);
    return was;
  }

  /** Why the calls of a scope are denied whatever is left; null if they are not. */
  @Nullable String frozen(String scope) {
    Map<String, String> now = frozen;
    String whole = now.get("");
    return whole != null ? whole : now.get(scope);
  }

  /** What the balance of a scope may reach at an instant, grants included, in units. */
  long limit(String scope, Instant at) {
    long limit = budget.limitOf(scope).units();
    List<Grant> given = grants;
    for (int i = 0; i < given.size(); i++) {
      Grant grant = given.get(i);
      if (at.isBefore(grant.until()) && grant.scope().equals(scope)) {
        long extra = grant.extra().units();
        limit = limit > Long.MAX_VALUE - extra ? Long.MAX_VALUE : limit + extra;
      }
    }
    return limit;
  }

  /** The account that {@code call} is counted in. */
  Account accountOf(MeteredCall call) {
    return accountOf(budget.scopeOf(call), call.startedAt());
  }

  /** The account of a scope in the window of an instant. */
  Account accountOf(String scope, Instant at) {
    return accounts.of(scope, at);
  }

  /** Remembers what was settled in an account after a call. */
  void settled(Account account, long settled) {
    if (remembersSettled) {
      accounts.settled(account, settled);
    }
  }

  /** Whether it has thresholds at all. */
  boolean warns() {
    return thresholds.length > 0;
  }

  /** Whether an account with this limit is to be reported as exhausted: once for each limit. */
  boolean exhausts(Account account, long limit) {
    return warnsWhenExhausted && accounts.exhausts(account, limit);
  }

  /** Whether so much is settled of a call's account, as far as we know, that it falls back. */
  boolean isPast(BigDecimal share, MeteredCall call) {
    String scope = budget.scopeOf(call);
    Instant at = call.startedAt();
    return accounts.settledOf(scope, at) >= units(share, limit(scope, at));
  }

  /** So many accounts of an instant's window: those in which most was settled, as we know. */
  List<Account> largestAt(Instant instant, int atMost) {
    if (budget.tagNames().isEmpty() && !budget.perModel()) {
      return List.of(accountOf("", instant));
    }
    return accounts.largestAt(instant, atMost);
  }

  /** The share of the limit at which threshold number {@code index} lies. */
  BigDecimal share(int index) {
    return budget.warnings().get(index);
  }

  /** The thresholds of an account in units, rising; shared, not to be written. */
  long[] thresholds(Account account, Instant at) {
    long limit = limit(account.scope(), at);
    return limit == budget.limit().units() ? thresholds : thresholds(limit);
  }

  /** Whether it has a use for settlements. */
  boolean usesSettlements() {
    return remembersSettled || warns();
  }

  private long[] thresholds(long limit) {
    List<BigDecimal> shares = budget.warnings();
    long[] units = new long[shares.size()];
    for (int i = 0; i < units.length; i++) {
      units[i] = units(shares.get(i), limit);
    }
    return units;
  }

  private static long units(BigDecimal share, long limit) {
    BigDecimal units = share.multiply(BigDecimal.valueOf(limit)).setScale(0, RoundingMode.CEILING);
    return units.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValueExact();
  }

  /** The limit of an account as an amount. */
  Amount limitOf(Account account, Instant at) {
    return new Amount(limit(account.scope(), at), budget.limit().unit());
  }
}
