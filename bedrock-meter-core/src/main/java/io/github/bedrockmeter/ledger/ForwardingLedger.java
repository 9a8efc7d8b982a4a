// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * A ledger that passes every question on to another one. For authors of ledgers: a subclass
 * overrides what it does differently. As thread-safe as the other ledger.
 *
 * <p>{@link #close} does nothing here: the other ledger is closed by the one who made it.
 */
public abstract class ForwardingLedger implements Ledger {
  /** The ledger behind this one. */
  protected final Ledger inner;

  /** A ledger in front of another one. */
  protected ForwardingLedger(Ledger inner) {
    this.inner = Objects.requireNonNull(inner, "inner");
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    return inner.hold(holds);
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    return inner.settle(holds, actuals);
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return inner.balances(accounts);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return inner.find(query);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return inner.openHolds(account);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return inner.release(hold);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return inner.adjust(account, delta);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta, Correction correction) {
    return inner.adjust(account, delta, correction);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold, Correction correction) {
    return inner.release(hold, correction);
  }

  @Override
  public Duration answerTime() {
    return inner.answerTime();
  }
}
