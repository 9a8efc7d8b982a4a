// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the ledger for holds and waits for its answer as long as a call may. What is granted later
 * than that belongs to no call, and is given back. Thread-safe.
 */
final class LedgerQuestions {
  private final Ledger ledger;
  private final Duration timeout;
  private final Workers workers;

  LedgerQuestions(Ledger ledger, Duration timeout, Workers workers) {
    this.ledger = ledger;
    this.timeout = timeout;
    this.workers = workers;
  }

  /** The answer to a question for holds; a failure to ask is an answer too. */
  CompletableFuture<HoldResult> ask(List<Hold> holds) {
    try {
      return ledger.hold(holds).toCompletableFuture();
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure);
    } catch (Error unsure) { // holds may have been taken, and this thread may have no stack left
      workers.execute(() -> LedgerSupport.giveBack(ledger, holds));
      throw unsure;
    }
  }

  /** Like {@link #ask}, where an error is an answer too. */
  CompletableFuture<HoldResult> askQuietly(List<Hold> holds) {
    try {
      return ask(holds);
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** How long a call waits for its answers. */
  long timeoutNanos() {
    return timeout.toNanos();
  }

  /**
   * Waits on this thread for an answer.
   *
   * @param nanos for so long at most
   * @throws LedgerUnavailableException if there is none in time, or it failed
   * @throws IllegalArgumentException or {@link ArithmeticException} if the ledger refused the input
   */
  HoldResult await(
      CompletableFuture<HoldResult> answer,
      long nanos,
      List<Hold> holds,
      HoldSettlements settlements,
      MeteredCall call)
      throws InterruptedException {
    try {
      HoldResult result = answer.isDone() ? answer.join() : answer.get(nanos, TimeUnit.NANOSECONDS);
      return checked(result);
    } catch (TimeoutException late) {
      releaseIfLate(answer, holds, settlements, call);
      throw unavailable(late);
    } catch (InterruptedException interrupted) {
      releaseIfLate(answer, holds, settlements, call);
      throw interrupted;
    } catch (ExecutionException | CompletionException | CancellationException failed) {
      throw unavailable(failed);
    }
  }

  /** The answer in time, without a thread that waits; fails as {@link #await} throws. */
  CompletableFuture<HoldResult> inTime(
      CompletableFuture<HoldResult> answer,
      List<Hold> holds,
      HoldSettlements settlements,
      MeteredCall call) {
    if (answer.isDone()) {
      return answer;
    }
    CompletableFuture<HoldResult> inTime = answer.copy();
    inTime.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    return inTime.whenComplete(
        (result, failure) -> {
          if (failure != null) {
            releaseIfLate(answer, holds, settlements, call);
          }
        });
  }

  /** What a completed answer says. */
  HoldResult result(CompletableFuture<HoldResult> answer) {
    try {
      return checked(answer.join());
    } catch (CompletionException | CancellationException failed) {
      throw unavailable(failed);
    }
  }

  @SuppressWarnings("NullAway") // a ledger of a user may do what it should not
  private static HoldResult checked(HoldResult result) {
    if (result == null) {
      throw new LedgerUnavailableException("the ledger answered null", null);
    }
    return result;
  }

  private RuntimeException unavailable(Throwable failure) {
    Throwable cause = Failures.unwrapped(failure);
    if (cause instanceof RuntimeException refused && SteadyLedger.isRefusedInput(cause)) {
      return refused;
    }
    if (cause instanceof LedgerUnavailableException known) {
      return known;
    }
    return new LedgerUnavailableException(
        cause instanceof TimeoutException
            ? "the ledger did not answer within " + timeout
            : "the ledger could not decide",
        cause);
  }

  /** Gives holds back when, and if, they are granted after all. */
  void releaseIfLate(
      CompletableFuture<HoldResult> answer,
      List<Hold> holds,
      HoldSettlements settlements,
      MeteredCall call) {
    answer.thenAccept(
        result -> {
          if (result instanceof HoldResult.Held) {
            HoldReturns.release(holds, settlements, call);
          }
        });
  }
}
