// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * Reports a balance as exhausted when a call is denied for lack of room, as {@link HoldSettlements}
 * does when its limit is settled: whichever comes first, once. Thread-safe.
 */
final class Exhaustion implements MeterListener {
  private final InForce inForce;
  private final Listeners listeners;

  Exhaustion(InForce inForce, Listeners listeners) {
    this.inForce = inForce;
    this.listeners = listeners;
  }

  @Override
  public void onDenied(DenialEvent event) {
    Denied denial = event.denial();
    Amount available = denial.available();
    BudgetAccounts accounts = inForce.now().byName.get(denial.budget());
    boolean isShort =
        denial.kind() == DenialKind.OVER_LIMIT || denial.kind() == DenialKind.QUEUED_TOO_LONG;
    if (!isShort || available == null || accounts == null) {
      return;
    }
    Instant at = event.call().startedAt();
    Account account = accounts.accountOf(denial.scope(), at);
    Amount limit = accounts.limitOf(account, at);
    if (available.unit() == limit.unit() && accounts.exhausts(account, limit.units())) {
      Amount taken = new Amount(Math.max(0, limit.units() - available.units()), limit.unit());
      ThresholdEvent exhausted = new ThresholdEvent(account, BigDecimal.ONE, taken, limit);
      listeners.publish("a threshold of " + account, listener -> listener.onThreshold(exhausted));
    }
  }
}
