// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.internal.text.Printable;
import io.github.bedrockmeter.ledger.Account;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A ledger in front of one that may be unavailable for a while. After some failures in a row a hold
 * fails at once, by a {@link LedgerUnavailableException}, until one that is let through as a probe
 * has succeeded: holds on the account that failed, or all where several did; see {@link
 * LedgerTrouble}. A settlement is repeated until it is answered or its time is over. Thread-safe.
 *
 * <p>An answer that is there at once passes through, and so does an exception that is thrown
 * instead of an answer: it means that nothing was taken, and costs no time. Input that the ledger
 * refuses is no failure of its store.
 */
public final class SteadyLedger extends ForwardingLedger {
  private static final Log log = Log.to(LoggerFactory.getLogger(SteadyLedger.class));
  private static final OutageLog LOST =
      new OutageLog(log, "Holds may stay held, since their answer was lost");
  private static final OutageLog CLOCK = new OutageLog(log, "The nano clock failed");

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);
  private static final Retries PAUSES =
      Retries.pausing(Duration.ofMillis(10), Duration.ofSeconds(10));

  private final long timeoutNanos;
  private final Retries settlements;
  private final LongSupplier nanoClock;
  private final LedgerTrouble trouble = new LedgerTrouble();

  /** Why holds are not sent, for their denials; null before anything has failed. */
  private volatile @Nullable Throwable lastFailure;

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
    if (!trouble.isNone()) {
      LedgerTrouble.Stop stop = trouble.stop(holds, nanoTime());
      if (stop != null) {
        throw new LedgerUnavailableException(stopped(stop), lastFailure);
      }
    }
    CompletionStage<HoldResult> stage = inner.hold(holds);
    CompletableFuture<HoldResult> answer = stage.toCompletableFuture();
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      succeeded(holds);
      return stage;
    }
    answer
        .copy()
        .orTimeout(timeoutNanos, TimeUnit.NANOSECONDS)
        .whenComplete((result, failure) -> count(holds, failure));
    answer.whenComplete((result, failure) -> giveBackIfLost(holds, failure));
    return stage;
  }

  /** Whether the store answers, as far as the latest holds showed. */
  public boolean isAvailable() {
    return !trouble.isOfStore();
  }

  /** The accounts whose holds failed so often in a row that they are not tried for a while. */
  public List<Account> inTrouble() {
    return trouble.isNone() ? List.of() : trouble.accounts();
  }

  private static String stopped(LedgerTrouble.Stop stop) {
    Account account = stop.account();
    return "the ledger failed "
        + LedgerTrouble.FAILURES_IN_A_ROW
        + " times in a row"
        + (account == null ? "" : " for " + nameOf(account))
        + " and is tried again within "
        + LedgerTrouble.PAUSE
        + "; check that its store is reachable"
        + (account == null ? "" : " and that nothing locks this account");
  }

  private static String nameOf(Account account) {
    return "budget '"
        + Escaped.text(account.budget())
        + (account.scope().isEmpty() ? "'" : "' (" + Escaped.text(account.scope()) + ")");
  }

  /** Elapsed time; a broken clock makes every call a probe, and none impossible. */
  private long nanoTime() {
    try {
      return nanoClock.getAsLong();
    } catch (RuntimeException failure) {
      CLOCK.failed("each call is a probe", failure);
      return System.nanoTime();
    }
  }

  private void count(List<Hold> holds, @Nullable Throwable failure) {
    if (failure == null || isRefusedInput(LedgerSupport.unwrapped(failure))) {
      succeeded(holds);
      return;
    }
    lastFailure = LedgerSupport.unwrapped(failure);
    LedgerTrouble.Stop stop = trouble.failed(holds, nanoTime());
    if (stop != null) {
      log.warn(
          "The ledger failed {} times in a row{}; it is tried once in {} until it answers: {}",
          LedgerTrouble.FAILURES_IN_A_ROW,
          stop.account() == null ? "" : " for " + nameOf(stop.account()),
          LedgerTrouble.PAUSE,
          Printable.message(LedgerSupport.unwrapped(failure)));
    }
  }

  private void succeeded(List<Hold> holds) {
    if (!trouble.isNone() && trouble.succeeded(holds)) {
      log.info("The ledger answers again");
    }
  }

  /** Whether a failure is about what was asked, and says nothing about the store. */
  static boolean isRefusedInput(Throwable failure) {
    return failure instanceof ArithmeticException || failure instanceof IllegalArgumentException;
  }

  private void giveBackIfLost(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null && !isRefusedInput(LedgerSupport.unwrapped(failure))) {
      LedgerSupport.giveBack(this, holds)
          .whenComplete(
              (done, unsettled) -> {
                if (unsettled != null) {
                  LOST.failed("call " + holds.get(0).id() + ", " + holds, unsettled);
                }
              });
    }
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    CompletableFuture<List<Settled>> answer;
    try {
      answer = inner.settle(holds, actuals).toCompletableFuture();
    } catch (Throwable failure) { // of whatever kind: it may work when it is repeated
      answer = CompletableFuture.failedFuture(failure);
    }
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      return answer;
    }
    long[] kept = actuals.clone();
    return settlements.resume(
        answer, () -> inner.settle(holds, kept), failure -> !isRefusedInput(failure));
  }
}
