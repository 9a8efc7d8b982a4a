// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All budgets of a meter as one policy: one round trip to the ledger, all or none. What else can be
 * done with budgets in force is in its parts: {@link #reports}, {@link #remedies}, {@link
 * #administration}. Thread-safe.
 */
public final class Budgets implements BudgetPolicy {
  private static final Logger log = LoggerFactory.getLogger(Budgets.class);

  private final InForce inForce;
  private final Ledger ledger;
  private final Duration ledgerTimeout;
  private final WaitingRoom waiting = new WaitingRoom();
  private final Counting counting;
  private final ShadowDenials shadows;
  private final BudgetReports reports;
  private final Remedies remedies;
  private final BudgetAdministration administration;

  /**
   * A policy of budgets.
   *
   * @param ledger repeats settlements itself, if they are worth it
   * @param ledgerTimeout how long a call waits for the ledger before it is denied
   */
  public Budgets(
      List<Budget> budgets,
      Ledger ledger,
      Duration ledgerTimeout,
      PriceBook prices,
      Listeners listeners,
      InstantSource clock) {
    this.ledger = ledger;
    this.ledgerTimeout = ledgerTimeout;
    this.counting = new Counting(prices);
    this.inForce =
        new InForce(budgets, new HoldSettlements.Means(ledger, counting, listeners, waiting));
    this.shadows = new ShadowDenials(listeners);
    this.reports = new BudgetReports(inForce, ledger, ledgerTimeout, counting);
    this.remedies = new Remedies(inForce, counting, waiting);
    this.administration = new BudgetAdministration(inForce, ledger, waiting, listeners, clock);
  }

  /** Where the budgets stand. */
  public BudgetReports reports() {
    return reports;
  }

  /** What may be done with a call that does not fit. */
  public Remedies remedies() {
    return remedies;
  }

  /** The tags that the budgets in force count per. */
  public Set<String> tagNames() {
    return inForce.tagNames();
  }

  /** Changes of budgets in force. */
  public BudgetAdministration administration() {
    return administration;
  }

  /**
   * The control of one budget.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public BudgetControl control(String name) {
    administration.checkExists(name);
    return new NamedBudget(administration, name);
  }

  /** Denials that are reported and not enforced. */
  public ShadowDenials shadows() {
    return shadows;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    Roster now = inForce.now();
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collectHolds(now, call, holds);
    if (denied != null) {
      return denied;
    }
    return holds.isEmpty() ? BudgetDecision.granted() : askInTime(now, call, holds);
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    Roster now = inForce.now();
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collectHolds(now, call, holds);
    if (denied != null || holds.isEmpty()) {
      return CompletableFuture.completedFuture(denied != null ? denied : BudgetDecision.granted());
    }
    CompletableFuture<HoldResult> answer = ask(holds);
    if (answer.isDone()) {
      return answer.handle((result, failure) -> decision(now, call, holds, result, failure));
    }
    CompletableFuture<HoldResult> inTime = answer.copy();
    inTime.orTimeout(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    return inTime
        .whenComplete((result, failure) -> releaseIfLate(now, call, answer, failure, holds))
        .handle((result, failure) -> decision(now, call, holds, result, failure));
  }

  /** Adds a hold for each budget that counts this call; returns a denial if one cannot count it. */
  private @Nullable Denied collectHolds(Roster now, MeteredCall call, List<Hold> holds) {
    for (BudgetAccounts accounts : now.budgets) {
      Budget budget = accounts.budget();
      if (!budget.appliesTo(call)) {
        continue;
      }
      Budget.Mode mode = accounts.mode();
      Account account = accounts.accountOf(call);
      Cost cost = counting.costFor(budget, call, call.estimate(), call.estimatedCost());
      Denied denied = deniedUnasked(now, accounts, call, account, cost);
      if (denied != null && mode == Budget.Mode.ENFORCE) {
        return denied;
      }
      if (denied != null && mode == Budget.Mode.SHADOW) {
        shadows.report(call, denied);
        continue;
      }
      holds.add(
          new Hold(
              call.id(),
              account,
              Counting.units(budget.limit().unit(), call.estimate(), cost, 0),
              accounts.limit(account.scope(), call.startedAt()),
              mode == Budget.Mode.ENFORCE));
    }
    return null;
  }

  /** A denial for a reason that the ledger need not be asked about. */
  private @Nullable Denied deniedUnasked(
      Roster now, BudgetAccounts accounts, MeteredCall call, Account account, Cost cost) {
    Budget budget = accounts.budget();
    String frozen = accounts.frozen(account.scope());
    if (frozen != null) {
      return Denials.frozen(account, frozen);
    }
    if (budget.limit().unit() == Unit.NANO_USD
        && budget.unknownPrice() != Budget.UnknownPrice.ALLOW
        && cost instanceof Cost.Unknown unknown) {
      return Denials.unpriced(account, unknown.reason());
    }
    if (now.anyWaits && waiting.isTaken(account, call.id())) {
      return Denials.othersWait(account, budget.waitUpTo());
    }
    return null;
  }

  /** Asks the ledger on a thread that may wait. */
  private BudgetDecision askInTime(Roster now, MeteredCall call, List<Hold> holds) {
    CompletableFuture<HoldResult> answer = ask(holds);
    try {
      HoldResult result =
          answer.isDone()
              ? answer.join()
              : answer.get(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
      return decision(now, call, holds, result);
    } catch (TimeoutException late) {
      releaseIfLate(now, call, answer, late, holds);
      throw unavailable(late);
    } catch (InterruptedException interrupted) {
      releaseIfLate(now, call, answer, interrupted, holds);
      Thread.currentThread().interrupt();
      return Denials.interrupted(holds.get(0).account().budget());
    } catch (ExecutionException | CompletionException failed) {
      throw unavailable(failed);
    }
  }

  private CompletableFuture<HoldResult> ask(List<Hold> holds) {
    try {
      return ledger.hold(holds).toCompletableFuture();
    } catch (RuntimeException failure) {
      throw unavailable(failure);
    }
  }

  private LedgerUnavailableException unavailable(Throwable failure) {
    Throwable cause = Failures.unwrapped(failure);
    if (cause instanceof LedgerUnavailableException known) {
      return known;
    }
    return new LedgerUnavailableException(
        cause instanceof TimeoutException
            ? "the ledger did not answer within " + ledgerTimeout
            : "the ledger could not decide",
        cause);
  }

  /** A hold that is granted after we stopped waiting belongs to no call: it is given back. */
  private void releaseIfLate(
      Roster now,
      MeteredCall call,
      CompletableFuture<HoldResult> answer,
      @Nullable Throwable failure,
      List<Hold> holds) {
    if (failure == null) {
      return;
    }
    answer.thenAccept(
        result -> {
          if (result instanceof HoldResult.Held) {
            now.settlements
                .release(holds, call.startedAt())
                .whenComplete(
                    (done, unsettled) -> {
                      if (unsettled != null) {
                        log.warn("Granted too late, and not given back: {}", holds, unsettled);
                      }
                    });
          }
        });
  }

  private BudgetDecision decision(
      Roster now,
      MeteredCall call,
      List<Hold> holds,
      @Nullable HoldResult result,
      @Nullable Throwable failure) {
    if (failure != null) {
      throw unavailable(failure);
    }
    if (result == null) {
      throw new LedgerUnavailableException("the ledger answered null", null);
    }
    return decision(now, call, holds, result);
  }

  private BudgetDecision decision(
      Roster now, MeteredCall call, List<Hold> holds, HoldResult result) {
    if (result instanceof HoldResult.Held held) {
      List<Hold> kept =
          held.overruns().isEmpty() ? holds : withoutShadows(now, call, holds, held.overruns());
      return kept.isEmpty()
          ? BudgetDecision.granted()
          : new Granted(new LedgerReservation(now.settlements, call, kept));
    }
    if (result instanceof HoldResult.Refused refused) {
      return Denials.shortfall(call, refused.shortfalls().get(0));
    }
    return Denials.full((HoldResult.Full) result, holds.get(0).account());
  }

  /** The holds without those that a shadow budget would have refused, which are given back. */
  private List<Hold> withoutShadows(
      Roster now, MeteredCall call, List<Hold> holds, List<Shortfall> overruns) {
    List<Hold> kept = new ArrayList<>(holds);
    List<Hold> refused = new ArrayList<>();
    for (Shortfall overrun : overruns) {
      BudgetAccounts accounts = now.byName.get(overrun.hold().account().budget());
      if (accounts != null && accounts.mode() != Budget.Mode.OBSERVE) {
        shadows.report(call, Denials.shortfall(call, overrun));
        kept.remove(overrun.hold());
        refused.add(overrun.hold());
      }
    }
    if (!refused.isEmpty()) {
      now.settlements.release(refused, call.startedAt());
    }
    return kept;
  }

  /** The holds of one call. */
  private record LedgerReservation(HoldSettlements settlements, MeteredCall call, List<Hold> holds)
      implements Reservation {
    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      return settlements.commit(holds, call, usage, cost);
    }

    @Override
    public CompletionStage<?> release() {
      return settlements.release(holds, call.startedAt());
    }
  }
}
