// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.UnwrappedCall;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Reserves and records calls that go through no wrapped client. Thread-safe. */
public final class StatedCalls {
  private final CallSettings settings;
  private final CallDescriber describer;
  private final Decisions decisions;
  private final Accounting accounting;
  private final Budgets budgets;

  StatedCalls(
      CallSettings settings,
      CallDescriber describer,
      Decisions decisions,
      Accounting accounting,
      Budgets budgets) {
    this.settings = settings;
    this.describer = describer;
    this.decisions = decisions;
    this.accounting = accounting;
    this.budgets = budgets;
  }

  /**
   * Reserves room for a call, on a thread that may wait for the ledger.
   *
   * @throws BudgetExceededException on a no
   */
  public UnwrappedCall.Reserved reserve(UnwrappedCall asked) {
    long askedNanos = accounting.nanoTime();
    MeteredCall call = describe(asked);
    return opened(asked, call, decisions.decide(call), askedNanos);
  }

  /** Like {@link #reserve}, without blocking; the stage fails on a no. */
  public CompletionStage<UnwrappedCall.Reserved> reserveAsync(UnwrappedCall asked) {
    long askedNanos = accounting.nanoTime();
    MeteredCall call = describe(asked);
    return decisions
        .decideAsync(call)
        .thenApply(decision -> opened(asked, call, decision, askedNanos));
  }

  /**
   * Charges a call that has been made, whatever its budgets say: nothing can stop it any more.
   *
   * @param cost what it costs; null for what the price book says
   */
  public Cost record(UnwrappedCall asked, Usage usage, @Nullable Cost cost) {
    long askedNanos = accounting.nanoTime();
    MeteredCall call = describe(asked.estimate(usage));
    Cost charged = cost != null ? cost : call.estimatedCost(); // the price of this very usage
    Granted granted = (Granted) budgets.reserveUncapped(call);
    StatedCall recorded = new StatedCall(accounting, call, granted.reservation(), askedNanos);
    accounting.listeners().reserved(call);
    recorded.commit(usage, charged, null);
    return charged;
  }

  private MeteredCall describe(UnwrappedCall asked) {
    return describer.describe(
        asked, settings.modelNamed(asked.modelId()), settings.tags().of(asked.tags()));
  }

  private UnwrappedCall.Reserved opened(
      UnwrappedCall asked, MeteredCall call, BudgetDecision decision, long askedNanos) {
    if (!(decision instanceof Granted granted)) {
      throw decisions.denied(call, (Denied) decision);
    }
    StatedCall open = new StatedCall(accounting, call, granted.reservation(), askedNanos);
    try {
      accounting.listeners().reserved(call);
      accounting.openCalls().enter(open);
      open.endBy(asked.deadline());
      return open;
    } catch (Throwable failure) { // an Error: no caller will close it
      open.release();
      throw failure;
    }
  }
}
