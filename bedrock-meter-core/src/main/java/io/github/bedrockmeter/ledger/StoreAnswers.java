// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What ledgers do about the answers of a store: that they fail, are late, or are lost. For authors
 * of ledgers. Thread-safe.
 */
public final class StoreAnswers {
  private StoreAnswers() {}

  /** The answer to a request; one that fails where sending it threw an exception. Never throws. */
  public static <T> CompletableFuture<T> of(Supplier<? extends CompletionStage<T>> request) {
    try {
      return request.get().toCompletableFuture();
    } catch (Throwable failure) { // of whatever kind: a caller waits for the answer
      return CompletableFuture.failedFuture(failure);
    }
  }

  /**
   * An answer that fails with a {@link LedgerUnavailableException} where there is none in time. The
   * answer itself is not cancelled, and may still come.
   *
   * @param time in real time
   * @param source who should answer, for the message: "the shared ledger"
   */
  public static <T> CompletableFuture<T> within(
      CompletableFuture<T> answer, Duration time, String source) {
    if (answer.isDone()) {
      return answer;
    }
    return answer
        .copy()
        .orTimeout(time.toNanos(), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    failure instanceof TimeoutException
                        ? new LedgerUnavailableException(
                            source
                                + " did not answer within "
                                + time
                                + "; check that its store is reachable and not overloaded",
                            failure)
                        : unwrapped(failure)));
  }

  /** The exception that made a stage fail, without the wrappers that stages put around it. */
  public static Throwable unwrapped(Throwable failure) {
    Throwable inner = failure;
    while (inner instanceof CompletionException || inner instanceof ExecutionException) {
      Throwable cause = inner.getCause();
      if (cause == null) {
        break;
      }
      inner = cause;
    }
    return inner;
  }

  /** Why there is no answer; an exception of our own where a stage completed with null. */
  static Throwable reason(@Nullable Throwable failure) {
    return failure != null
        ? unwrapped(failure)
        : new LedgerUnavailableException("the shared ledger answered with null", null);
  }

  /**
   * Gives back holds whose answer was lost: they may have been taken, and no call will use them.
   * Settling at zero releases what was taken, and does nothing about the rest. A hold that reaches
   * the store later than this is taken all the same; see {@code docs/decisions/0012}.
   *
   * @return the steps; a future that fails if the holds may still be held. Never throws
   */
  public static CompletableFuture<List<Settled>> giveBack(Ledger ledger, List<Hold> holds) {
    Objects.requireNonNull(ledger, "ledger");
    return of(() -> ledger.settle(holds, new long[holds.size()]));
  }
}
