// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks the policy, and opens or denies the call as it says. Thread-safe. */
final class Decisions {
  private final BudgetPolicy policy;
  private final Accounting accounting;

  Decisions(BudgetPolicy policy, Accounting accounting) {
    this.policy = policy;
    this.accounting = accounting;
  }

  /** What the policy says. Does not throw: undecided is a denial. */
  BudgetDecision decide(MeteredCall call) {
    try {
      BudgetDecision decision = policy.reserve(call);
      return decision == null ? Undecided.denial(call, null) : decision;
    } catch (Throwable undecided) {
      return Undecided.denial(call, undecided);
    }
  }

  /** What the policy says, without blocking. The stage does not fail: undecided is a denial. */
  CompletionStage<BudgetDecision> decideAsync(MeteredCall call) {
    CompletionStage<BudgetDecision> stage;
    try {
      stage = policy.reserveAsync(call);
    } catch (Throwable undecided) {
      return CompletableFuture.completedFuture(Undecided.denial(call, undecided));
    }
    if (stage == null) {
      return CompletableFuture.completedFuture(Undecided.denial(call, null));
    }
    return stage.handle(
        (decision, undecided) ->
            undecided == null && decision != null
                ? decision
                : Undecided.denial(call, undecided == null ? null : Failures.unwrapped(undecided)));
  }

  /**
   * Opens a call that was granted; throws where it was denied.
   *
   * @param askedNanos when the meter was asked for the call, by the meter's nano clock
   */
  OpenCall opened(MeteredCall call, Asked asked, BudgetDecision decision, long askedNanos) {
    if (decision instanceof BudgetDecision.Granted granted) {
      accounting.listeners().reserved(call);
      return new OpenCall(accounting, call, asked, granted.reservation(), askedNanos);
    }
    throw denied(call, (Denied) decision);
  }

  /** Reports that a call is denied, and returns the exception that says so. */
  BudgetExceededException denied(MeteredCall call, Denied denied) {
    accounting
        .listeners()
        .publish(listener -> listener.onDenied(new DenialEvent(call, denied, true)));
    return new BudgetExceededException(denied);
  }
}
