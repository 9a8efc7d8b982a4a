// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that ends and begins anew with the application's lifecycle; in between it cannot decide.
 * Thread-safe.
 */
final class SwitchedLedger implements Ledger {
  private final Duration answerTime;
  private volatile @Nullable Ledger current;

  SwitchedLedger(Ledger first) {
    this.current = first;
    this.answerTime = first.answerTime();
  }

  /** Closes the ledger behind this one. */
  void end() {
    Ledger ended = current;
    current = null;
    if (ended != null) {
      ended.close();
    }
  }

  void begin(Ledger next) {
    current = next;
  }

  private <T> CompletionStage<T> ask(Function<Ledger, CompletionStage<T>> question) {
    Ledger ledger = current;
    return ledger == null
        ? CompletableFuture.failedFuture(
            new IllegalStateException("the application is stopped, and its ledger with it"))
        : question.apply(ledger);
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    return ask(ledger -> ledger.hold(holds));
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    return ask(ledger -> ledger.settle(holds, actuals));
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return ask(ledger -> ledger.balances(accounts));
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return ask(ledger -> ledger.find(query));
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return ask(ledger -> ledger.openHolds(account));
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return ask(ledger -> ledger.release(hold));
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold, Correction correction) {
    return ask(ledger -> ledger.release(hold, correction));
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return ask(ledger -> ledger.adjust(account, delta));
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta, Correction correction) {
    return ask(ledger -> ledger.adjust(account, delta, correction));
  }

  @Override
  public Duration answerTime() {
    return answerTime;
  }

  @Override
  public void close() {
    end();
  }
}
