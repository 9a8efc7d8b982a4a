// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.budgets.Remedies;
import io.github.bedrockmeter.internal.budgets.ShadowDenials;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets one call in where budgets have remedies, on a thread that may wait: tries it as it is, then
 * as it can be amended, then waits in line and tries again. Confined to one thread at a time.
 */
final class Admission {
  /*
   * AdmissionInSteps does the same without a thread that waits, with the parts that both need. There
   * are two, since a caller's thread that waits anyway is the surest to be there when its time has
   * come: no pool can be too busy for it.
   */
  private final Decisions decisions;
  private final Remedies remedies;
  private final ShadowDenials shadows;
  private final Amending amending;
  private final WaitingCall waiting;
  private final long askedNanos;
  private final Set<String> reportedShadows = ConcurrentHashMap.newKeySet();

  Admission(
      Decisions decisions,
      Remedies remedies,
      ShadowDenials shadows,
      Amending amending,
      WaitingCall waiting,
      long askedNanos) {
    this.decisions = decisions;
    this.remedies = remedies;
    this.shadows = shadows;
    this.amending = amending;
    this.waiting = waiting;
    this.askedNanos = askedNanos;
  }

  /** A call that was tried: granted, or denied as the caller asked for it. */
  record Tried(MeteredCall call, BudgetDecision decision) {
    @Nullable Denied denied() {
      return decision instanceof Denied denied ? denied : null;
    }
  }

  Decisions decisions() {
    return decisions;
  }

  Amending amending() {
    return amending;
  }

  WaitingCall waiting() {
    return waiting;
  }

  /**
   * Lets the call in, on a thread that may wait.
   *
   * @throws BudgetExceededException on a no
   */
  OpenCall enter(MeteredCall call) {
    try {
      return enterOrThrow(call);
    } catch (BudgetExceededException denied) {
      throw denied;
    } catch (StackOverflowError tooDeep) {
      throw tooDeep; // nothing is held, and the caller's stack is the reason
    } catch (Throwable failure) { // of a filter, a limit, an estimator, a price book
      throw decisions.denied(call, decisions.undecided(call, failure));
    } finally {
      waiting.leave();
    }
  }

  private OpenCall enterOrThrow(MeteredCall call) {
    MeteredCall next = call;
    while (true) {
      Tried tried = tryOut(changesEarly(next) ? amending.describe(waiting.soFar()) : next);
      Denied denied = tried.denied();
      if (denied == null) {
        return opened(tried.call, tried.decision);
      }
      if (!waiting.waitsFor(tried.call, denied)) {
        throw decisions.denied(tried.call, afterWaiting(denied));
      }
      awaitTurn(tried.call, denied);
      amending.reset();
      next = amending.describe(waiting.soFar());
    }
  }

  /** Opens a call that was granted. */
  OpenCall opened(MeteredCall call, BudgetDecision granted) {
    return decisions.opened(call, amending.asked(), granted, askedNanos);
  }

  /**
   * Sets a budget's {@code maxTokens} where the call has none, and goes to another model at once
   * where a budget's share for that is spent.
   */
  boolean changesEarly(MeteredCall call) {
    try {
      boolean limited = amending.limitOutput(call);
      Budget past = remedies.pastItsShare(call);
      return (past != null && amending.fallBack(past)) || limited;
    } catch (Throwable undecided) { // a filter or a limit fails: reported when it is reserved
      return false;
    }
  }

  /** Tries a call, and what it can be changed into until one fits or nothing is left to change. */
  private Tried tryOut(MeteredCall call) {
    MeteredCall current = call;
    Tried first = null;
    while (true) {
      begin(current);
      BudgetDecision decision;
      try {
        decision = decisions.decide(current);
      } finally {
        decided(current);
      }
      Tried tried = new Tried(current, decision);
      if (!(decision instanceof Denied denied)) {
        return tried;
      }
      first = first == null ? tried : first;
      if (!amending.amend(current, denied)) {
        return first;
      }
      current = amending.describe(waiting.soFar());
    }
  }

  /** Begins to try a call. */
  void begin(MeteredCall call) {
    waiting.tries(call);
    shadows.isOneCallWith(call, reportedShadows);
  }

  /** Ends what {@link #begin} began. */
  void decided(MeteredCall call) {
    shadows.isDecided(call);
  }

  /** The denial as it is given to the caller. */
  Denied afterWaiting(Denied denied) {
    return waiting.hasWaited() && waiting.isOver() ? denied.as(DenialKind.QUEUED_TOO_LONG) : denied;
  }

  private void awaitTurn(MeteredCall call, Denied denied) {
    while (true) {
      try {
        waiting.turn().get(waiting.nap(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException notYet) {
        // The time is looked at below.
      } catch (ExecutionException never) {
        throw new IllegalStateException("a turn failed", never);
      } catch (InterruptedException interrupted) {
        waiting.leave();
        Thread.currentThread().interrupt();
        throw decisions.denied(call, interrupted());
      }
      if (waiting.isFirst()) {
        return;
      }
      if (waiting.isOver()) {
        throw decisions.denied(call, afterWaiting(denied));
      }
    }
  }

  private static Denied interrupted() {
    return (Denied)
        BudgetDecision.denied(
            DenialKind.INTERRUPTED,
            "policy",
            "the thread was interrupted while the call waited for a budget");
  }
}
