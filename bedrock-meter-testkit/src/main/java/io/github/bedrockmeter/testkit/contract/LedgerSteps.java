// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a ledger's test class provides, and the steps that the contract's tests share. */
abstract class LedgerSteps {
  static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

  /** So late that the window is open by the clock of any server. */
  static final Instant END = Instant.parse("2126-11-24T00:00:00Z");

  /** A ledger without accounts. Its clock, if it has one, is within 2026-11-23 UTC. */
  protected abstract Ledger newLedger() throws Exception;

  /**
   * Another handle to the same store, as a second process would open it; the ledger itself where a
   * store cannot be shared.
   */
  protected Ledger another(Ledger ledger) throws Exception {
    return ledger;
  }

  /**
   * A ledger to which a hold that is older than a few hundred milliseconds is abandoned; null where
   * holds do not outlive their process.
   */
  protected @Nullable Ledger impatientLedger() throws Exception {
    return null;
  }

  /**
   * Whether the store can lose what it was asked to keep, as a server's or a file can; false for a
   * ledger in the memory of this JVM.
   */
  protected boolean mayLoseHolds() {
    return true;
  }

  /** Lets time pass: moves the ledger's clock if the test owns it, or sleeps. */
  protected void pass(Duration time) throws Exception {
    Thread.sleep(time.toMillis());
  }

  /** An account of a day's window. */
  protected static Account account(String budget) {
    return new Account(budget, Unit.TOKENS, "", START, END);
  }

  static HoldResult hold(Ledger ledger, Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  static List<Settled> settle(Ledger ledger, Hold hold, long actual) {
    return ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join();
  }

  static Balance balance(Ledger ledger, Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  static Hold enforced(String id, Account account, long amount, long limit) {
    return new Hold(id, account, amount, limit, true);
  }

  static List<Balance> find(Ledger ledger, AccountQuery query) {
    return ledger.find(query).toCompletableFuture().join();
  }

  static List<OpenHold> openHolds(Ledger ledger, Account account) {
    return ledger.openHolds(account).toCompletableFuture().join();
  }

  static Settled adjust(Ledger ledger, Account account, long delta) {
    return ledger.adjust(account, delta).toCompletableFuture().join();
  }

  static void inParallel(int threads, List<Callable<Void>> work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (Future<Void> done : executor.invokeAll(work, 60, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
