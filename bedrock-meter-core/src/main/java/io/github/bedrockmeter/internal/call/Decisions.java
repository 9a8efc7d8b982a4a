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
import io.github.bedrockmeter.internal.support.StackRoom;
import io.github.bedrockmeter.internal.text.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Asks the policy, and opens or denies the call as it says. Thread-safe. */
final class Decisions {
  private final BudgetPolicy policy;
  private final Passing passing;
  private final Accounting accounting;
  private final Undecided undecided;

  Decisions(BudgetPolicy policy, Passing passing, Accounting accounting) {
    this.policy = policy;
    this.passing = passing;
    this.accounting = accounting;
    this.undecided =
        new Undecided(Log.to(LoggerFactory.getLogger(Undecided.class)), accounting.nanoClock());
  }

  /**
   * What the policy says: undecided is a denial.
   *
   * @throws StackOverflowError if too little stack is left to end what is begun here
   */
  BudgetDecision decide(MeteredCall call) {
    StackRoom.check();
    BudgetDecision decision;
    try {
      decision = decided(call, policy.reserve(call));
    } catch (Throwable failure) {
      decision = undecided.denial(call, failure);
    }
    return decision instanceof Denied denied ? passing.orDenied(call, denied) : decision;
  }

  /**
   * What the policy says, without blocking. The stage does not fail: undecided is a denial. Where
   * it is not complete at once, it completes on a thread on which foreign code may run.
   *
   * @throws StackOverflowError if too little stack is left to end what is begun here
   */
  CompletionStage<BudgetDecision> decideAsync(MeteredCall call) {
    StackRoom.check();
    CompletionStage<BudgetDecision> stage;
    try {
      stage = policy.reserveAsync(call);
    } catch (Throwable failure) {
      return passing.orDeniedAsync(call, undecided.denial(call, failure));
    }
    if (stage == null) {
      return passing.orDeniedAsync(call, undecided.denial(call, null));
    }
    CompletableFuture<BudgetDecision> answer =
        stage
            .handle(
                (decision, failure) ->
                    failure == null
                        ? decided(call, decision)
                        : undecided.denial(call, Failures.unwrapped(failure)))
            .toCompletableFuture();
    return answer.isDone() && !(answer.join() instanceof Denied)
        ? answer
        : answer.thenCompose(
            decision ->
                decision instanceof Denied denied
                    ? passing.orDeniedAsync(call, denied)
                    : CompletableFuture.completedFuture(decision));
  }

  private BudgetDecision decided(MeteredCall call, @Nullable BudgetDecision decision) {
    if (decision == null) {
      return undecided.denial(call, null);
    }
    undecided.decided();
    return decision;
  }

  /** The denial of a call whose admission failed. */
  Denied undecided(MeteredCall call, Throwable failure) {
    return undecided.denial(call, failure);
  }

  /**
   * Opens a call that was granted; throws where it was denied.
   *
   * @param askedNanos when the meter was asked for the call, by the meter's nano clock
   */
  OpenCall opened(MeteredCall call, Asked asked, BudgetDecision decision, long askedNanos) {
    if (decision instanceof BudgetDecision.Granted granted) {
      try {
        accounting.listeners().reserved(call);
        OpenCall open = new OpenCall(accounting, call, asked, granted.reservation(), askedNanos);
        accounting.openCalls().enter(open);
        return open;
      } catch (Throwable failure) { // an Error: no caller will close it
        accounting.release(call, granted.reservation());
        throw failure;
      }
    }
    throw denied(call, (Denied) decision);
  }

  /** Reports that a call is denied, and returns the exception that says so. */
  BudgetExceededException denied(MeteredCall call, Denied denied) {
    accounting
        .listeners()
        .publish(
            "call " + call.id(),
            listener -> listener.onDenied(new DenialEvent(call, denied, true)));
    return new BudgetExceededException(denied, call.id());
  }
}
