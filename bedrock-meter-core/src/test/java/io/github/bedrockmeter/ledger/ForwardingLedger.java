// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A ledger that does what another does; for fakes that change one thing about it. */
public class ForwardingLedger implements Ledger {
  /** The ledger behind this one. */
  protected final Ledger inner;

  public ForwardingLedger(Ledger inner) {
    this.inner = inner;
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
}
