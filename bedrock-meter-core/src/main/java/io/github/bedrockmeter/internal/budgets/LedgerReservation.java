// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The holds of one call. Thread-safe. */
record LedgerReservation(HoldSettlements settlements, MeteredCall call, List<Hold> holds)
    implements Reservation {
  @Override
  public CompletionStage<?> commit(Usage usage, Cost cost) {
    return settlements.commit(holds, call, usage, cost);
  }

  @Override
  public CompletionStage<?> release() {
    return settlements.release(holds, call);
  }
}
