// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A ledger that grants no hold because its store cannot be reached. Thread-safe. */
final class UnavailableLedger implements Ledger {
  private final Ledger memory = Ledger.inMemory();
  private final AtomicInteger holds = new AtomicInteger();
  private final CompletableFuture<HoldResult> answer;

  private UnavailableLedger(CompletableFuture<HoldResult> answer) {
    this.answer = answer;
  }

  /** One whose store never answers, and one whose connection fails at once. */
  static Stream<UnavailableLedger> all() {
    return Stream.of(
        new UnavailableLedger(new CompletableFuture<>()),
        new UnavailableLedger(
            CompletableFuture.failedFuture(new SocketTimeoutException("connect timed out"))));
  }

  /** How many times a hold was asked for. */
  int holds() {
    return holds.get();
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> asked) {
    holds.incrementAndGet();
    return answer.copy();
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> ended, long[] actuals) {
    return memory.settle(ended, actuals);
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return memory.balances(accounts);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return memory.find(query);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return memory.openHolds(account);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return memory.release(hold);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return memory.adjust(account, delta);
  }
}
