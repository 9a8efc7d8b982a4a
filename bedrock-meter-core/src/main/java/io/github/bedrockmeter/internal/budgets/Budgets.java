// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.PriceBook;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * All budgets of a meter as one policy: one round trip to the ledger, all or none. What else can be
 * done with budgets in force is in its parts: {@link #reports}, {@link #remedies}, {@link
 * #administration}. Thread-safe.
 */
public final class Budgets implements BudgetPolicy {
  private final InForce inForce;
  private final HoldCollector collector;
  private final LedgerReservations reservations;
  private final UncappedReservations uncapped;
  private final Exhaustion exhaustion;
  private final UntaggedCalls untagged;
  private final ShadowDenials shadows;
  private final BudgetReports reports;
  private final Remedies remedies;
  private final BudgetAdministration administration;

  /**
   * A policy of budgets.
   *
   * @param ledger repeats settlements itself, if they are worth it
   * @param ledgerTimeout how long a call waits for the ledger before it is denied
   * @param workers where it goes on after an answer that was not there at once
   */
  public Budgets(
      List<Budget> budgets,
      Ledger ledger,
      Duration ledgerTimeout,
      PriceBook prices,
      Listeners listeners,
      InstantSource clock,
      LongSupplier nanoClock,
      Workers workers) {
    WaitingRoom waiting = new WaitingRoom();
    Counting counting = new Counting(prices);
    this.inForce =
        new InForce(
            budgets, new SettlementMeans(ledger, counting, listeners, waiting, clock, workers));
    this.untagged = new UntaggedCalls(inForce);
    this.exhaustion = new Exhaustion(inForce, listeners);
    this.shadows = new ShadowDenials(listeners.and(exhaustion));
    ObservedFailures failures = new ObservedFailures(shadows, nanoClock);
    this.collector = new HoldCollector(counting, waiting, shadows, failures);
    LedgerQuestions questions = new LedgerQuestions(ledger, ledgerTimeout, workers);
    this.reservations = new LedgerReservations(questions, shadows, failures, workers);
    this.uncapped = new UncappedReservations(collector, questions, failures, workers);
    this.reports = new BudgetReports(inForce, ledger, ledgerTimeout, counting, workers);
    this.remedies = new Remedies(inForce, counting, waiting);
    this.administration =
        new BudgetAdministration(inForce, ledger, waiting, listeners, clock, workers);
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
    return inForce.now().tagNames;
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

  /** The listeners, and those parts of this that are to be notified of calls too. */
  public Listeners with(Listeners listeners) {
    return listeners.and(exhaustion).and(untagged);
  }

  /** Calls that lack a tag. */
  public UntaggedCalls untagged() {
    return untagged;
  }

  /** Denials that are reported and not enforced. */
  public ShadowDenials shadows() {
    return shadows;
  }

  /** Counts a call that passes whatever its budgets say. Never throws. */
  public BudgetDecision reserveUncapped(MeteredCall call) {
    return uncapped.reserve(inForce.now(), call);
  }

  /** Like {@link #reserveUncapped}, without blocking. */
  public CompletionStage<BudgetDecision> reserveUncappedAsync(MeteredCall call) {
    return uncapped.reserveAsync(inForce.now(), call);
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    Roster now = inForce.now();
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collector.collect(now, call, holds);
    if (denied != null) {
      return denied;
    }
    return holds.isEmpty() ? BudgetDecision.granted() : reservations.reserve(now, call, holds);
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    Roster now = inForce.now();
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collector.collect(now, call, holds);
    if (denied != null || holds.isEmpty()) {
      return CompletableFuture.completedFuture(denied != null ? denied : BudgetDecision.granted());
    }
    return reservations.reserveAsync(now, call, holds);
  }
}
