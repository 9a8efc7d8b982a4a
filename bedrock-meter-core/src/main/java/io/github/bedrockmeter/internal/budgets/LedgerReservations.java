// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Turns the ledger's answers about the holds of a call into decisions. Thread-safe. */
final class LedgerReservations {
  /*
   * Holds of enforced budgets decide. Those of budgets that observe or shadow are asked for in a
   * question of their own, at the same time: a ledger takes all holds of a question or none, and
   * nothing that is wrong with an observed balance may stop a call, or hide what the enforced ones
   * say. Where all budgets are enforced, which is the rule, there is one question.
   */
  private static final CompletableFuture<HoldResult> NOTHING_TO_ASK =
      CompletableFuture.completedFuture(HoldResult.CLEAN);

  private final LedgerQuestions questions;
  private final ShadowDenials shadows;
  private final ObservedFailures failures;
  private final Workers workers;

  LedgerReservations(
      LedgerQuestions questions,
      ShadowDenials shadows,
      ObservedFailures failures,
      Workers workers) {
    this.questions = questions;
    this.shadows = shadows;
    this.failures = failures;
    this.workers = workers;
  }

  /** Reserves on a thread that may wait. */
  BudgetDecision reserve(Roster now, MeteredCall call, List<Hold> holds) {
    List<Hold> observed = observed(holds);
    List<Hold> enforced = observed.isEmpty() ? holds : enforced(holds);
    long begin = observed.isEmpty() ? 0 : System.nanoTime();
    CompletableFuture<HoldResult> answer = ask(enforced);
    CompletableFuture<HoldResult> other = askObserved(answer, observed);
    HoldResult result;
    try {
      result = questions.await(answer, questions.timeoutNanos(), enforced, now.settlements, call);
    } catch (InterruptedException interrupted) {
      giveUp(now, call, other, observed);
      Thread.currentThread().interrupt();
      return Denials.interrupted(enforced.get(0).account().budget());
    } catch (RuntimeException undecided) {
      giveUp(now, call, other, observed);
      return deniedInput(enforced, undecided);
    } catch (Error failure) {
      giveUp(now, call, other, observed);
      throw failure;
    }
    if (result instanceof HoldResult.Held && !other.isDone()) {
      long remaining = questions.timeoutNanos() - (System.nanoTime() - begin);
      other = awaitQuietly(now, call, other, remaining, observed);
    }
    return decision(now, call, enforced, result, observed, other);
  }

  /** The call is denied: observed holds that were asked for are given back. */
  private void giveUp(
      Roster now, MeteredCall call, CompletableFuture<HoldResult> other, List<Hold> observed) {
    if (other != NOTHING_TO_ASK) {
      questions.releaseIfLate(other, observed, now.settlements, call);
    }
  }

  private CompletableFuture<HoldResult> ask(List<Hold> enforced) {
    return enforced.isEmpty() ? NOTHING_TO_ASK : questions.ask(enforced);
  }

  /** Asks for observed holds too, unless there are none, or the call is denied already. */
  private CompletableFuture<HoldResult> askObserved(
      CompletableFuture<HoldResult> answer, List<Hold> observed) {
    boolean isDenied =
        answer.isDone()
            && (answer.isCompletedExceptionally() || !(answer.join() instanceof HoldResult.Held));
    return observed.isEmpty() || isDenied ? NOTHING_TO_ASK : questions.askQuietly(observed);
  }

  /** Waits for the answer about observed holds; that it fails or is late is an answer, too. */
  private CompletableFuture<HoldResult> awaitQuietly(
      Roster now,
      MeteredCall call,
      CompletableFuture<HoldResult> answer,
      long nanos,
      List<Hold> observed) {
    try {
      return CompletableFuture.completedFuture(
          questions.await(answer, nanos, observed, now.settlements, call));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(interrupted);
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /**
   * Reserves without blocking. Where the ledger does not answer at once, the stage completes on a
   * worker.
   */
  CompletionStage<BudgetDecision> reserveAsync(Roster now, MeteredCall call, List<Hold> holds) {
    List<Hold> observed = observed(holds);
    List<Hold> enforced = observed.isEmpty() ? holds : enforced(holds);
    CompletableFuture<HoldResult> answer = ask(enforced);
    CompletableFuture<HoldResult> other = askObserved(answer, observed);
    if (answer.isDone() && other.isDone()) {
      return answer.handle(
          (result, failure) -> decision(now, call, enforced, answer, observed, other));
    }
    CompletableFuture<HoldResult> inTime =
        questions.inTime(answer, enforced, now.settlements, call);
    CompletableFuture<HoldResult> otherInTime =
        questions.inTime(other, observed, now.settlements, call);
    return CompletableFuture.allOf(inTime, otherInTime)
        .handleAsync(
            (done, failure) -> decision(now, call, enforced, inTime, observed, otherInTime),
            workers);
  }

  private static List<Hold> observed(List<Hold> holds) {
    List<Hold> observed = List.of();
    for (int i = 0; i < holds.size(); i++) {
      if (!holds.get(i).enforced()) {
        observed = observed.isEmpty() ? new ArrayList<>() : observed;
        observed.add(holds.get(i));
      }
    }
    return observed;
  }

  private static List<Hold> enforced(List<Hold> holds) {
    return holds.stream().filter(Hold::enforced).toList();
  }

  /** What completed answers say. */
  private BudgetDecision decision(
      Roster now,
      MeteredCall call,
      List<Hold> enforced,
      CompletableFuture<HoldResult> answer,
      List<Hold> observed,
      CompletableFuture<HoldResult> other) {
    HoldResult result;
    try {
      result = questions.result(answer);
    } catch (RuntimeException undecided) {
      giveUp(now, call, other, observed);
      return deniedInput(enforced, undecided);
    }
    return decision(now, call, enforced, result, observed, other);
  }

  /** The denial of a call whose input alone is at fault; throws anything else. */
  private static BudgetDecision deniedInput(List<Hold> enforced, RuntimeException undecided) {
    if (SteadyLedger.isRefusedInput(undecided)) {
      return Denials.inputRefused(enforced.get(0).account().budget(), undecided);
    }
    throw undecided;
  }

  private BudgetDecision decision(
      Roster now,
      MeteredCall call,
      List<Hold> enforced,
      HoldResult result,
      List<Hold> observed,
      CompletableFuture<HoldResult> other) {
    if (!(result instanceof HoldResult.Held)) {
      giveUp(now, call, other, observed);
      return result instanceof HoldResult.Refused refused
          ? Denials.shortfall(call, refused.shortfalls().get(0))
          : Denials.full((HoldResult.Full) result, enforced.get(0).account());
    }
    List<Hold> kept =
        observed.isEmpty() ? enforced : withObserved(now, call, enforced, observed, other);
    return kept.isEmpty()
        ? BudgetDecision.granted()
        : new Granted(new LedgerReservation(now.settlements, call, kept));
  }

  /** The holds that are kept; whatever is wrong with observed ones, the enforced are among them. */
  private List<Hold> withObserved(
      Roster now,
      MeteredCall call,
      List<Hold> enforced,
      List<Hold> observed,
      CompletableFuture<HoldResult> other) {
    List<Hold> kept = new ArrayList<>(enforced);
    try {
      HoldResult result = questions.result(other);
      if (result instanceof HoldResult.Full full) {
        failures.full(now, call, observed, full);
      } else if (result instanceof HoldResult.Refused refused) {
        reportShadows(now, call, refused.shortfalls());
      } else if (result instanceof HoldResult.Held held) {
        failures.worked(observed);
        List<Hold> refused = reportShadows(now, call, held.overruns());
        observed.stream().filter(hold -> !refused.contains(hold)).forEach(kept::add);
        if (!refused.isEmpty()) {
          HoldReturns.release(refused, now.settlements, call);
        }
      }
    } catch (Throwable failure) {
      failures.unavailable(now, call, observed, Failures.unwrapped(failure));
    }
    return kept;
  }

  /** Reports the denials of budgets in SHADOW; returns their holds, which are not kept. */
  private List<Hold> reportShadows(Roster now, MeteredCall call, List<Shortfall> overruns) {
    List<Hold> refused = new ArrayList<>();
    for (Shortfall overrun : overruns) {
      BudgetAccounts accounts = now.byName.get(overrun.hold().account().budget());
      if (accounts != null && accounts.mode() != Budget.Mode.OBSERVE) {
        shadows.report(call, Denials.shortfall(call, overrun));
        refused.add(overrun.hold());
      }
    }
    return refused;
  }
}
