// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the policy, and opens or denies the call as it says. Thread-safe. */
final class Decisions {
  private static final Logger log = LoggerFactory.getLogger(Decisions.class);

  /** A ledger that failed is asked again about as often. */
  private static final Duration LEDGER_RETRY = Duration.ofSeconds(1);

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
      return decision == null ? undecided(call, null) : decision;
    } catch (Throwable undecided) {
      return undecided(call, undecided);
    }
  }

  /** What the policy says, without blocking. The stage does not fail: undecided is a denial. */
  CompletionStage<BudgetDecision> decideAsync(MeteredCall call) {
    CompletionStage<BudgetDecision> stage;
    try {
      stage = policy.reserveAsync(call);
    } catch (Throwable undecided) {
      return CompletableFuture.completedFuture(undecided(call, undecided));
    }
    if (stage == null) {
      return CompletableFuture.completedFuture(undecided(call, null));
    }
    return stage.handle(
        (decision, undecided) ->
            undecided == null && decision != null
                ? decision
                : undecided(call, undecided == null ? null : Failures.unwrapped(undecided)));
  }

  /** Opens a call that was granted; throws where it was denied. */
  OpenCall opened(MeteredCall call, Asked asked, BudgetDecision decision) {
    if (decision instanceof BudgetDecision.Granted granted) {
      accounting.listeners().reserved(call);
      return new OpenCall(accounting, call, asked, granted.reservation());
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

  private static Denied undecided(MeteredCall call, @Nullable Throwable cause) {
    log.warn("Call {} is denied: its policy cannot decide", call.id(), cause);
    if (cause instanceof LedgerUnavailableException) {
      return new Denied(
          DenialKind.LEDGER_UNAVAILABLE,
          "policy",
          "",
          null,
          null,
          LEDGER_RETRY,
          cause.getMessage()
              + "; the call was not sent, since what cannot be counted is not spent (failOpen of"
              + " the meter's builder lets calls pass)",
          cause);
    }
    String why =
        cause == null
            ? "it returned null"
            : cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
    return new Denied(
        DenialKind.POLICY,
        "policy",
        "",
        null,
        null,
        null,
        "the policy cannot decide ("
            + why
            + "), and what cannot decide does not spend; see BudgetPolicy.failOpen, or failOpen of"
            + " the meter's builder for its budgets",
        cause);
  }
}
