// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.internal.budgets.Remedies;
import io.github.bedrockmeter.internal.budgets.ShadowDenials;
import io.github.bedrockmeter.internal.budgets.WaitingRoom;
import io.github.bedrockmeter.internal.support.CommonPool;
import io.github.bedrockmeter.ledger.Account;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets one call in where budgets have remedies: tries it as it is, then as it can be amended, then
 * waits in line and tries again. Never blocks a thread.
 */
final class Admission {
  /*
   * The first tries run on the caller's thread. After a wait the caller's thread is gone, or, of a
   * synchronous client, blocked; the next try must not run on the thread that made room either,
   * which is about to hand a caller its answer. So it runs in the JDK's common pool.
   *
   * Whoever is first in line tries when a settlement of this meter has made room, and every POLL
   * besides: other processes make room too, and so does a new window.
   */
  private static final long POLL = TimeUnit.MILLISECONDS.toNanos(100);

  private final Decisions decisions;
  private final Remedies remedies;
  private final ShadowDenials shadows;
  private final Amending amending;
  private final long askedNanos;
  private final WaitingRoom.Place place;
  private final Set<String> reportedShadows = ConcurrentHashMap.newKeySet();
  private @Nullable Budget waitsFor;
  private long waitsSince;
  private long waitsUntil;
  private volatile boolean cancelled;

  Admission(
      Decisions decisions,
      Remedies remedies,
      ShadowDenials shadows,
      Amending amending,
      long askedNanos) {
    this.decisions = decisions;
    this.remedies = remedies;
    this.shadows = shadows;
    this.amending = amending;
    this.askedNanos = askedNanos;
    this.place = remedies.waitingRoom().arrive();
  }

  /** A call that was tried: granted, or denied as the caller asked for it. */
  private record Tried(MeteredCall call, BudgetDecision decision) {}

  /** Lets the call in; the stage fails with {@link BudgetExceededException} on a no. */
  CompletionStage<OpenCall> enter(MeteredCall call) {
    return begin(call).thenCompose(tried -> openOrWait(tried));
  }

  /** Like {@link #enter}, on a thread that may wait. */
  OpenCall enterWaiting(MeteredCall call) {
    CompletableFuture<OpenCall> entered = enter(call).toCompletableFuture();
    try {
      return entered.get();
    } catch (InterruptedException interrupted) {
      cancel();
      entered.thenAccept(OpenCall::abandonUnsent);
      Thread.currentThread().interrupt();
      throw decisions.denied(
          call,
          (Denied)
              BudgetDecision.denied(
                  DenialKind.INTERRUPTED,
                  "policy",
                  "the thread was interrupted while the call waited for a budget"));
    } catch (ExecutionException denied) {
      if (denied.getCause() instanceof BudgetExceededException exceeded) {
        throw exceeded;
      }
      throw new IllegalStateException("a reservation ended without an answer", denied);
    }
  }

  /** The caller has left: the call leaves its line. */
  void cancel() {
    cancelled = true;
    place.leave();
  }

  private CompletionStage<Tried> begin(MeteredCall call) {
    Budget past = pastItsShare(call);
    return past != null && amending.fallBack(past)
        ? describe().thenCompose(other -> tryOut(other, null))
        : tryOut(call, null);
  }

  /** A filter or a limit that fails is reported when the call is reserved. */
  private @Nullable Budget pastItsShare(MeteredCall call) {
    try {
      return remedies.pastItsShare(call);
    } catch (RuntimeException undecided) {
      return null;
    }
  }

  private CompletionStage<MeteredCall> describe() {
    Budget budget = waitsFor;
    List<Amendment> before =
        budget == null
            ? List.of()
            : List.of(
                new Amendment.Waited(
                    budget.name(), Duration.ofNanos(System.nanoTime() - waitsSince)));
    return amending.describe(before);
  }

  /** Tries a call, and what it can be changed into until one fits or nothing is left to change. */
  private CompletionStage<Tried> tryOut(MeteredCall call, @Nullable Tried asItWas) {
    place.tryAs(call.id());
    shadows.isOneCallWith(call, reportedShadows);
    return decisions
        .decideAsync(call)
        .whenComplete((decision, failure) -> shadows.isDecided(call))
        .thenCompose(
            decision -> {
              Tried tried = new Tried(call, decision);
              if (!(decision instanceof Denied denied)) {
                return CompletableFuture.completedFuture(tried);
              }
              Tried first = asItWas == null ? tried : asItWas;
              return amending.amend(call, denied)
                  ? describe().thenCompose(next -> tryOut(next, first))
                  : CompletableFuture.completedFuture(first);
            });
  }

  private CompletionStage<OpenCall> openOrWait(Tried tried) {
    if (tried.decision instanceof Granted granted) {
      place.leave();
      return CompletableFuture.completedFuture(
          decisions.opened(tried.call, amending.asked(), granted, askedNanos));
    }
    Denied denied = (Denied) tried.decision;
    Budget budget = remedies.budgetBehind(denied);
    if (budget == null
        || budget.waitUpTo().isZero()
        || !remedies.mayPass(denied, budget, tried.call)) {
      return deny(tried.call, denied);
    }
    long now = System.nanoTime();
    if (waitsFor == null) {
      waitsSince = now;
      waitsUntil = now + budget.waitUpTo().toNanos();
    } else if (now - waitsUntil >= 0) {
      return denyAfterWaiting(tried.call, denied);
    }
    waitsFor = budget;
    Account account = remedies.accountOf(budget, tried.call);
    place.standFor(account, tried.call.id());
    return cancelled ? left() : wait(tried.call, denied);
  }

  private CompletionStage<OpenCall> deny(MeteredCall call, Denied denied) {
    place.leave();
    return CompletableFuture.failedFuture(decisions.denied(call, denied));
  }

  private CompletionStage<OpenCall> denyAfterWaiting(MeteredCall call, Denied denied) {
    return deny(call, denied.as(DenialKind.QUEUED_TOO_LONG));
  }

  private CompletionStage<OpenCall> left() {
    place.leave();
    return CompletableFuture.failedFuture(new CancellationException("the caller has left"));
  }

  private CompletionStage<OpenCall> wait(MeteredCall call, Denied denied) {
    long remaining = Math.max(1, waitsUntil - System.nanoTime());
    long nap = place.isFirst() ? Math.min(POLL, remaining) : remaining;
    return place
        .turn()
        .copy()
        .completeOnTimeout(null, nap, TimeUnit.NANOSECONDS)
        .thenComposeAsync(turn -> next(call, denied), CommonPool.EXECUTOR);
  }

  private CompletionStage<OpenCall> next(MeteredCall call, Denied denied) {
    if (cancelled) {
      return left();
    }
    if (place.isFirst()) {
      amending.reset();
      return describe().thenCompose(this::begin).thenCompose(this::openOrWait);
    }
    return System.nanoTime() - waitsUntil >= 0
        ? denyAfterWaiting(call, denied)
        : wait(call, denied);
  }
}
