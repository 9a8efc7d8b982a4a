// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger in front of one that may be unavailable for a while. After some failures in a row a hold
 * fails at once, by a {@link LedgerUnavailableException}, until one that is let through as a probe
 * has succeeded; a settlement is repeated until it is answered or its time is over. Thread-safe.
 *
 * <p>An answer that is there at once passes through, and so does an exception that is thrown
 * instead of an answer: it means that nothing was taken, and costs no time.
 */
public final class SteadyLedger extends ForwardingLedger {
  /*
   * A ledger that does not answer costs every call the ledger's timeout, and itself one more request
   * to work off when it is back. So after a few failures in a row no hold is sent to it for a second
   * at a time. Neither the number of failures nor the time of the last one are exact between threads;
   * a call more or less that is let through does no harm.
   */
  private static final Logger log = LoggerFactory.getLogger(SteadyLedger.class);

  private static final int FAILURES_IN_A_ROW = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);
  private static final Retries PAUSES =
      Retries.pausing(Duration.ofMillis(10), Duration.ofSeconds(10));

  private final long timeoutNanos;
  private final Retries settlements;
  private final LongSupplier nanoClock;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicLong probeAt = new AtomicLong();

  /**
   * A ledger in front of one that may be unavailable.
   *
   * @param timeout how long a hold may take before it counts as failed
   * @param settlementTime how long a settlement is repeated, in real time
   * @param nanoClock elapsed nanoseconds, by which probes are let through
   */
  public SteadyLedger(
      Ledger ledger, Duration timeout, Duration settlementTime, LongSupplier nanoClock) {
    super(ledger);
    this.timeoutNanos = timeout.toNanos();
    this.settlements =
        PAUSES
            .within(settlementTime)
            .answerWithin(
                settlementTime.compareTo(LONGEST_ANSWER) < 0 ? settlementTime : LONGEST_ANSWER);
    this.nanoClock = nanoClock;
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    if (failures.get() >= FAILURES_IN_A_ROW && !isProbe()) {
      throw new LedgerUnavailableException(
          "the ledger failed "
              + FAILURES_IN_A_ROW
              + " times in a row and is tried again within "
              + PAUSE
              + "; check that its store is reachable",
          null);
    }
    CompletionStage<HoldResult> stage = inner.hold(holds);
    CompletableFuture<HoldResult> answer = stage.toCompletableFuture();
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      if (failures.get() != 0) {
        failures.set(0);
      }
      return stage;
    }
    answer
        .copy()
        .orTimeout(timeoutNanos, TimeUnit.NANOSECONDS)
        .whenComplete((result, failure) -> count(failure));
    answer.whenComplete((result, failure) -> giveBackIfLost(holds, failure));
    return stage;
  }

  /** Whether this caller is the one who tries whether the ledger is available again. */
  private boolean isProbe() {
    long at = probeAt.get();
    long now = nanoTime(at);
    return now - at >= 0 && probeAt.compareAndSet(at, now + PAUSE.toNanos());
  }

  /** Elapsed time; a broken clock makes every call a probe, and none impossible. */
  private long nanoTime(long otherwise) {
    try {
      return nanoClock.getAsLong();
    } catch (RuntimeException failure) {
      log.warn("The nano clock failed", failure);
      return otherwise;
    }
  }

  private void count(@Nullable Throwable failure) {
    if (failure == null) {
      if (failures.getAndSet(0) >= FAILURES_IN_A_ROW) {
        log.info("The ledger answers again");
      }
      return;
    }
    if (failures.incrementAndGet() == FAILURES_IN_A_ROW) {
      log.warn(
          "The ledger failed {} times in a row; it is tried once in {} until it answers",
          FAILURES_IN_A_ROW,
          PAUSE,
          failure);
    }
    probeAt.set(nanoTime(0) + PAUSE.toNanos());
  }

  private void giveBackIfLost(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null) {
      LedgerSupport.giveBack(this, holds)
          .whenComplete(
              (done, unsettled) -> {
                if (unsettled != null) {
                  log.warn(
                      "Holds may stay held, since their answer was lost: {}", holds, unsettled);
                }
              });
    }
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    CompletableFuture<List<Settled>> answer =
        LedgerSupport.answer(() -> inner.settle(holds, actuals));
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      return answer;
    }
    long[] kept = actuals.clone();
    return settlements.resume(
        answer, () -> inner.settle(holds, kept), SteadyLedger::isWorthRepeating);
  }

  private static boolean isWorthRepeating(Throwable failure) {
    return !(failure instanceof ArithmeticException || failure instanceof IllegalArgumentException);
  }
}
