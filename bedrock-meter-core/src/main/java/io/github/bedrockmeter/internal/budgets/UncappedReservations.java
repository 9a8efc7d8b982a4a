// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Counts a call that passes whatever its budgets say: its holds are taken beyond any limit where
 * the ledger can be reached; where not, it is charged at its end without a hold. Thread-safe; never
 * throws.
 */
final class UncappedReservations {
  private final HoldCollector collector;
  private final LedgerQuestions questions;
  private final ObservedFailures failures;
  private final Workers workers;

  UncappedReservations(
      HoldCollector collector,
      LedgerQuestions questions,
      ObservedFailures failures,
      Workers workers) {
    this.collector = collector;
    this.questions = questions;
    this.failures = failures;
    this.workers = workers;
  }

  /** Reserves on a thread that may wait for the ledger. */
  BudgetDecision reserve(Roster now, MeteredCall call) {
    List<Hold> holds = holds(now, call);
    if (holds.isEmpty()) {
      return BudgetDecision.granted();
    }
    try {
      return granted(
          now,
          call,
          holds,
          questions.await(
              questions.askQuietly(holds), questions.timeoutNanos(), holds, now.settlements, call),
          null);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return BudgetDecision.granted();
    } catch (Throwable failure) {
      return granted(now, call, holds, null, failure);
    }
  }

  /** Reserves without blocking. */
  CompletionStage<BudgetDecision> reserveAsync(Roster now, MeteredCall call) {
    List<Hold> holds = holds(now, call);
    if (holds.isEmpty()) {
      return CompletableFuture.completedFuture(BudgetDecision.granted());
    }
    return questions
        .inTime(questions.askQuietly(holds), holds, now.settlements, call)
        .handleAsync((result, failure) -> granted(now, call, holds, result, failure), workers);
  }

  private List<Hold> holds(Roster now, MeteredCall call) {
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    collector.collectUncapped(now, call, holds);
    return holds;
  }

  private BudgetDecision granted(
      Roster now,
      MeteredCall call,
      List<Hold> holds,
      @Nullable HoldResult result,
      @Nullable Throwable failure) {
    if (result instanceof HoldResult.Held) {
      return new Granted(new LedgerReservation(now.settlements, call, holds));
    }
    if (result instanceof HoldResult.Full full) {
      failures.full(now, call, holds, full);
    } else {
      failures.unavailable(
          now, call, holds, failure != null ? failure : new IllegalStateException("no answer"));
    }
    return new Granted(new LedgerReservation(now.settlements, call, unheld(holds)));
  }

  /**
   * Holds that were not taken, for the charge at the end: under ids of their own, since those that
   * may have been taken after all are given back.
   */
  private static List<Hold> unheld(List<Hold> holds) {
    return holds.stream()
        .map(hold -> new Hold(hold.id() + "+", hold.account(), 0, hold.limit(), false))
        .toList();
  }
}
