// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.call.Admission.Tried;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Workers;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link Admission} without a thread that waits. Confined to one thread at a time. */
final class AdmissionInSteps {
  /*
   * Each step ends by starting the next one, and only the last completes the future that the caller
   * has. Stages that are composed one within another would be less to read, but each try would add
   * some that live until the end of the wait.
   *
   * The first tries run on the caller's thread. After a wait that thread is gone, and the next try
   * must not run on the thread that made room, which is about to hand a caller its answer, nor on
   * the JDK's timer: it runs on one of the meter's workers.
   */
  private final Admission admission;
  private final Decisions decisions;
  private final Amending amending;
  private final WaitingCall waiting;
  private final Workers workers;
  private final CompletableFuture<OpenCall> entered = new CompletableFuture<>();
  private volatile boolean cancelled;

  AdmissionInSteps(Admission admission, Workers workers) {
    this.admission = admission;
    this.decisions = admission.decisions();
    this.amending = admission.amending();
    this.waiting = admission.waiting();
    this.workers = workers;
  }

  /** Lets the call in; the future fails with {@link BudgetExceededException} on a no. */
  CompletableFuture<OpenCall> enter(MeteredCall call) {
    start(call);
    return entered;
  }

  /** The caller has left: the call leaves its line. */
  void cancel() {
    cancelled = true;
    waiting.leave();
  }

  private void start(MeteredCall call) {
    step(
        call,
        () -> {
          if (admission.changesEarly(call)) {
            describe(call, other -> tryOut(other, null));
          } else {
            tryOut(call, null);
          }
        });
  }

  /** A step of the way: one that fails ends it, and leaves nothing behind. */
  private void step(MeteredCall call, Runnable work) {
    try {
      work.run();
    } catch (Throwable failure) { // of a filter, a limit, an estimator, a price book
      fail(
          failure instanceof BudgetExceededException || failure instanceof StackOverflowError
              ? failure
              : decisions.denied(call, decisions.undecided(call, failure)));
    }
  }

  private void describe(MeteredCall call, Consumer<MeteredCall> next) {
    amending
        .describeAsync(waiting.soFar())
        .whenComplete(
            (described, failure) ->
                step(
                    call,
                    () -> {
                      if (described == null) {
                        throw new IllegalStateException("a call could not be described", failure);
                      }
                      next.accept(described);
                    }));
  }

  private void tryOut(MeteredCall call, @Nullable Tried asItWas) {
    admission.begin(call);
    try {
      decisions
          .decideAsync(call)
          .whenComplete(
              (decision, failure) -> {
                admission.decided(call);
                step(call, () -> decided(call, decision, failure, asItWas));
              });
    } catch (Throwable failure) {
      admission.decided(call);
      throw failure;
    }
  }

  private void decided(
      MeteredCall call,
      @Nullable BudgetDecision decision,
      @Nullable Throwable failure,
      @Nullable Tried asItWas) {
    if (decision == null) {
      throw new IllegalStateException("a reservation ended without an answer", failure);
    }
    if (!(decision instanceof Denied denied)) {
      open(call, decision);
      return;
    }
    Tried first = asItWas == null ? new Tried(call, decision) : asItWas;
    if (amending.amend(call, denied)) {
      describe(call, next -> tryOut(next, first));
    } else {
      denied(first);
    }
  }

  private void open(MeteredCall call, BudgetDecision granted) {
    OpenCall open = admission.opened(call, granted);
    waiting.leave();
    if (!entered.complete(open)) {
      open.abandonUnsent();
    }
  }

  private void denied(Tried tried) {
    Denied denied = (Denied) tried.decision();
    if (!waiting.waitsFor(tried.call(), denied)) {
      fail(decisions.denied(tried.call(), admission.afterWaiting(denied)));
    } else {
      await(tried.call(), denied);
    }
  }

  private void fail(Throwable failure) {
    waiting.leave();
    entered.completeExceptionally(Failures.unwrapped(failure));
  }

  private void await(MeteredCall call, Denied denied) {
    // The turn is taken first: leaving completes it, so a cancellation after this is noticed.
    CompletableFuture<Void> turn = waiting.turn();
    if (cancelled) {
      left();
      return;
    }
    turn.completeOnTimeout(null, waiting.nap(), TimeUnit.NANOSECONDS)
        .thenRunAsync(() -> step(call, () -> next(call, denied)), workers);
  }

  private void left() {
    fail(new CancellationException("the caller has left"));
  }

  private void next(MeteredCall call, Denied denied) {
    if (cancelled) {
      left();
    } else if (waiting.isFirst()) {
      amending.reset();
      describe(call, this::start);
    } else if (waiting.isOver()) {
      fail(decisions.denied(call, admission.afterWaiting(denied)));
    } else {
      await(call, denied);
    }
  }
}
