// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * The contract, for a caller who reads balances two intervals later. It is in the ledger's package
 * so that it can let intervals pass.
 */
class LeasedLedgerContractTest extends LedgerContract {
  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");
  private final Queue<Runnable> intervals = new ConcurrentLinkedQueue<>();
  private final LeasedLedger leased =
      new LeasedLedger(Ledger.inMemory(time, time, 1_000), intervals::add, Duration.ofSeconds(10));

  @Override
  protected Ledger newLedger() {
    return new TwoIntervalsLater();
  }

  @Override
  protected boolean mayLoseHolds() {
    return false;
  }

  @Override
  protected void pass(Duration passing) {
    time.advance(passing);
  }

  /** An open hold on the remote ledger is a slice with an id of its own. */
  @Override
  @Test
  protected void openHoldsAreListedUntilTheyAreSettled() {
    Account day = account("day");
    List<Hold> hold = List.of(new Hold("a", day, 10, 100, true));
    leased.hold(hold).toCompletableFuture().join();

    assertThat(leased.openHolds(day).toCompletableFuture().join())
        .singleElement()
        .satisfies(open -> assertThat(open.id()).startsWith("lease-"))
        .satisfies(open -> assertThat(open.amount()).isEqualTo(10));

    leased.settle(hold, new long[] {10});

    assertThat(leased.openHolds(day).toCompletableFuture().join()).isEmpty();
  }

  private void passInterval() {
    Runnable next = intervals.poll();
    if (next != null) {
      next.run();
    }
  }

  private void passTwoIntervals() {
    passInterval();
    passInterval();
  }

  /**
   * Settles, and lets intervals pass before balances are read: the remote ledger knows one interval
   * later what was spent, and has the rest of a slice back after two.
   */
  private final class TwoIntervalsLater implements Ledger {
    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      return leased.hold(holds);
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      CompletableFuture<List<Settled>> answer = leased.settle(holds, actuals).toCompletableFuture();
      for (int i = 0; i < 2 && !answer.isDone(); i++) {
        passInterval();
      }
      return answer;
    }

    @Override
    public CompletionStage<List<Balance>> balances(List<Account> accounts) {
      passTwoIntervals();
      return leased.balances(accounts);
    }

    @Override
    public CompletionStage<List<Balance>> find(AccountQuery query) {
      passTwoIntervals();
      return leased.find(query);
    }

    @Override
    public CompletionStage<List<OpenHold>> openHolds(Account account) {
      return leased.openHolds(account);
    }

    @Override
    public CompletionStage<Balance> release(OpenHold hold) {
      return leased.release(hold);
    }

    @Override
    public CompletionStage<Settled> adjust(Account account, long delta) {
      return leased.adjust(account, delta);
    }
  }
}
