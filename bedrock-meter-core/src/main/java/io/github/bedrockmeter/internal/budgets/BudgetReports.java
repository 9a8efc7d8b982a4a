// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Where the budgets in force stand, and what each would hold for a call. Thread-safe. */
public final class BudgetReports {
  /** Of each budget, so many balances are reported. */
  private static final int MOST_REPORTED = 10;

  private final InForce inForce;
  private final Ledger ledger;
  private final Duration ledgerTimeout;
  private final Counting counting;
  private final Workers workers;

  BudgetReports(
      InForce inForce, Ledger ledger, Duration ledgerTimeout, Counting counting, Workers workers) {
    this.inForce = inForce;
    this.ledger = ledger;
    this.ledgerTimeout = ledgerTimeout;
    this.counting = counting;
    this.workers = workers;
  }

  /** A budget that counts a call, where it stands, and what it would hold for the call. */
  public record Claim(BudgetStatus status, Amount requested) {}

  /**
   * Where the balances stand that were used in the current windows: the ten largest of each budget,
   * as far as this meter knows, in one question to the ledger.
   */
  public CompletableFuture<List<BudgetStatus>> status(Instant at) {
    Roster now = inForce.now();
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : now.budgets) {
      accounts.addAll(budget.largestAt(at, MOST_REPORTED));
    }
    return workers
        .handOver(ledger.balances(accounts))
        .thenApply(
            balances ->
                balances.stream()
                    .filter(BudgetReports::isWorthReporting)
                    .map(balance -> status(now, balance, at))
                    .toList());
  }

  /**
   * Where the balances of the current windows stand, whichever process used them: the largest of
   * each budget, in one question to the ledger for each.
   *
   * @param atMost so many of each budget
   */
  public CompletableFuture<List<BudgetStatus>> snapshot(Instant at, int atMost) {
    Roster now = inForce.now();
    List<CompletableFuture<List<Balance>>> questions = new ArrayList<>();
    for (BudgetAccounts budget : now.budgets) {
      questions.add(find(budget.budget(), at, atMost));
    }
    return workers
        .handOver(CompletableFuture.allOf(questions.toArray(CompletableFuture<?>[]::new)))
        .thenApply(
            done ->
                questions.stream()
                    .flatMap(balances -> balances.join().stream())
                    .map(balance -> status(now, balance, at))
                    .toList());
  }

  /**
   * Of accounts that an earlier definition of the budget left behind, only those that it counts.
   */
  private CompletableFuture<List<Balance>> find(Budget budget, Instant at, int atMost) {
    return ledger
        .find(AccountQuery.of(budget.name(), at, atMost))
        .thenApply(
            balances ->
                balances.stream()
                    .filter(balance -> balance.account().unit() == budget.limit().unit())
                    .toList())
        .toCompletableFuture();
  }

  /** A budget's only balance, or one of many that was used. */
  private static boolean isWorthReporting(Balance balance) {
    return balance.account().scope().isEmpty() || balance.settled() != 0 || balance.held() != 0;
  }

  /**
   * Where every budget stands that would count {@code call}, and what each would hold for it.
   *
   * @throws LedgerUnavailableException if the ledger does not answer in time
   */
  public List<Claim> claims(MeteredCall call) {
    Roster now = inForce.now();
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : now.budgets) {
      if (budget.budget().appliesTo(call)) {
        accounts.add(budget.accountOf(call));
      }
    }
    List<Claim> claims = new ArrayList<>();
    for (Balance balance : inTime(ledger.balances(accounts).toCompletableFuture())) {
      BudgetStatus status = status(now, balance, call.startedAt());
      claims.add(new Claim(status, counting.requested(status.budget(), call)));
    }
    return claims;
  }

  private List<Balance> inTime(CompletableFuture<List<Balance>> balances) {
    try {
      return balances.get(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new LedgerUnavailableException(
          "the thread was interrupted while the ledger was asked for balances", interrupted);
    } catch (TimeoutException | ExecutionException failed) {
      throw new LedgerUnavailableException("the ledger did not report its balances", failed);
    }
  }

  private static BudgetStatus status(Roster now, Balance balance, Instant at) {
    Account account = balance.account();
    BudgetAccounts accounts = now.byName.get(account.budget());
    if (accounts == null) {
      throw new IllegalStateException("the ledger answered for an unknown budget: " + balance);
    }
    return new BudgetStatus(
        accounts.budget(),
        balance,
        accounts.limitOf(account, at),
        accounts.mode(),
        accounts.frozen(account.scope()),
        at);
  }
}
