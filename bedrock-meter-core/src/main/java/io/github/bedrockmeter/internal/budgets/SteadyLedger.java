// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.internal.support.CommonPool;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger that may be away for a while. After some failures in a row a hold fails at once, by an
 * exception, until one that is let through as a probe has succeeded; a settlement is repeated until
 * it is answered or its time is over. Thread-safe.
 *
 * <p>What is answered when it is asked passes through, and so does an exception that is thrown
 * instead of an answer: it says that nothing was taken, and costs no time.
 */
public final class SteadyLedger implements Ledger {
  /*
   * A ledger that does not answer costs every call the ledger's timeout, and itself a question more
   * that it has to work off when it is back. So after a few failures in a row it is left alone.
   * Neither failures nor the time of the last one are exact between threads; a call more or less that
   * is let through does no harm.
   */
  private static final Logger log = LoggerFactory.getLogger(SteadyLedger.class);

  private static final int FAILURES_IN_A_ROW = 5;
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long FIRST_DELAY_NANOS = Duration.ofMillis(10).toNanos();
  private static final long LONGEST_DELAY_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long ATTEMPT_NANOS = Duration.ofSeconds(10).toNanos();

  private final Ledger ledger;
  private final long timeoutNanos;
  private final long settlementNanos;
  private final LongSupplier nanoClock;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicLong probeAt = new AtomicLong();

  /**
   * A ledger that may be away.
   *
   * @param timeout how long a hold may take before it counts as failed
   * @param settlementTime how long a settlement is repeated, in real time
   * @param nanoClock tells when to probe, in elapsed nanoseconds
   */
  public SteadyLedger(
      Ledger ledger, Duration timeout, Duration settlementTime, LongSupplier nanoClock) {
    this.ledger = ledger;
    this.timeoutNanos = timeout.toNanos();
    this.settlementNanos = settlementTime.toNanos();
    this.nanoClock = nanoClock;
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    if (failures.get() >= FAILURES_IN_A_ROW && !isProbe()) {
      throw new IllegalStateException(
          "the ledger failed "
              + FAILURES_IN_A_ROW
              + " times in a row; it is asked again within "
              + Duration.ofNanos(PAUSE_NANOS));
    }
    CompletionStage<HoldResult> stage = ledger.hold(holds);
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
        .whenComplete((result, failure) -> watched(failure));
    answer.whenComplete((result, failure) -> releaseIfUnknown(holds, failure));
    return stage;
  }

  /** Whether this caller is the one who tries whether the ledger is back. */
  private boolean isProbe() {
    long at = probeAt.get();
    long now = nanoTime(at);
    return now - at >= 0 && probeAt.compareAndSet(at, now + PAUSE_NANOS);
  }

  /** Elapsed time; a broken clock makes every call a probe, and none impossible. */
  private long nanoTime(long otherwise) {
    try {
      return nanoClock.getAsLong();
    } catch (RuntimeException mishap) {
      log.warn("The nano clock failed", mishap);
      return otherwise;
    }
  }

  private void watched(@Nullable Throwable failure) {
    if (failure == null) {
      if (failures.getAndSet(0) >= FAILURES_IN_A_ROW) {
        log.info("The ledger answers again");
      }
      return;
    }
    if (failures.incrementAndGet() == FAILURES_IN_A_ROW) {
      log.warn("The ledger failed {} times in a row and is left alone", FAILURES_IN_A_ROW, failure);
    }
    probeAt.set(nanoTime(0) + PAUSE_NANOS);
  }

  /** A hold whose answer is lost may have been taken, and its call is not made. */
  private void releaseIfUnknown(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null) {
      settle(holds, new long[holds.size()])
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
    CompletableFuture<List<Settled>> answer = attempt(holds, actuals);
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      return answer;
    }
    Settlement settlement = new Settlement(holds, actuals.clone());
    settlement.await(answer);
    return settlement.end;
  }

  private CompletableFuture<List<Settled>> attempt(List<Hold> holds, long[] actuals) {
    try {
      return ledger.settle(holds, actuals).toCompletableFuture();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** A settlement that was not answered at once. */
  private final class Settlement {
    private final List<Hold> holds;
    private final long[] actuals;
    private final long begin = System.nanoTime();
    private final CompletableFuture<List<Settled>> end = new CompletableFuture<>();
    private long delayNanos = FIRST_DELAY_NANOS;

    Settlement(List<Hold> holds, long[] actuals) {
      this.holds = holds;
      this.actuals = actuals;
    }

    /** Waits for an answer; one that comes while another attempt is made is welcome too. */
    void await(CompletableFuture<List<Settled>> answer) {
      answer.thenAccept(end::complete);
      answer
          .copy()
          .orTimeout(Math.min(ATTEMPT_NANOS, settlementNanos), TimeUnit.NANOSECONDS)
          .exceptionally(
              failure -> {
                repeat(Failures.unwrapped(failure));
                return List.of();
              });
    }

    /** Tries again after a while, a little off so that a fleet does not come back as one. */
    private void repeat(Throwable failure) {
      boolean neverSucceeds =
          failure instanceof ArithmeticException || failure instanceof IllegalArgumentException;
      if (neverSucceeds || System.nanoTime() - begin + delayNanos > settlementNanos) {
        end.completeExceptionally(failure);
        return;
      }
      long delay = delayNanos / 2 + ThreadLocalRandom.current().nextLong(delayNanos);
      delayNanos = Math.min(2 * delayNanos, LONGEST_DELAY_NANOS);
      CompletableFuture.delayedExecutor(delay, TimeUnit.NANOSECONDS, CommonPool.EXECUTOR)
          .execute(
              () -> {
                if (!end.isDone()) {
                  await(attempt(holds, actuals));
                }
              });
    }
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return ledger.balances(accounts);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return ledger.find(query);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return ledger.openHolds(account);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return ledger.release(hold);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return ledger.adjust(account, delta);
  }
}
