// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A ledger whose store is unavailable while a test says so. */
final class BrokenLedger extends ForwardingLedger {
  volatile boolean broken;

  /** A balance that a database would report, in which a process left a hold behind. */
  volatile @Nullable Balance abandoned;

  BrokenLedger(Ledger inner) {
    super(inner);
  }

  private static <T> CompletionStage<T> failed() {
    return CompletableFuture.failedFuture(
        new LedgerUnavailableException("CANARY jdbc:secret", new IllegalStateException("CANARY")));
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    return broken ? failed() : inner.hold(holds);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    Balance left = abandoned;
    if (left != null && !broken && query.includes(left.account())) {
      return CompletableFuture.completedFuture(List.of(left));
    }
    return broken ? failed() : inner.find(query);
  }
}
