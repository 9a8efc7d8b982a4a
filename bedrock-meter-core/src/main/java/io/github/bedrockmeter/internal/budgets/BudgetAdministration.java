// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Changes the budgets in force and what was charged; each change is an event. Thread-safe. */
public final class BudgetAdministration {
  /** Who corrects a balance through the API, which asks for no name. */
  private static final String APPLICATION = "application";

  private final InForce inForce;
  private final Ledger ledger;
  private final WaitingRoom waiting;
  private final Listeners listeners;
  private final InstantSource clock;
  private final Workers workers;

  BudgetAdministration(
      InForce inForce,
      Ledger ledger,
      WaitingRoom waiting,
      Listeners listeners,
      InstantSource clock,
      Workers workers) {
    this.inForce = inForce;
    this.ledger = ledger;
    this.waiting = waiting;
    this.listeners = listeners;
    this.clock = clock;
    this.workers = workers;
  }

  /**
   * Puts other budgets in force; those whose name stays keep what was spent and changed by hand.
   */
  public void replace(List<Budget> budgets, String reason) {
    checkReason(reason);
    inForce.replace(budgets, reason).forEach(this::publish);
    waiting.mayFitAnywhere();
  }

  /** Checks that there is a budget of this name. */
  void checkExists(String name) {
    Set<String> names = inForce.now().byName.keySet();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "there is no budget '"
              + Escaped.text(name)
              + "'; there are "
              + Escaped.text(names.toString(), 2_000)
              + NearestName.hint(name, names));
    }
  }

  /** The budget in force under a name. */
  BudgetAccounts accounts(String name) {
    return inForce.accounts(name);
  }

  /** Changes the budget in force under a name, so that no new definition loses the change. */
  <T> T change(String name, Function<BudgetAccounts, T> change) {
    return inForce.change(name, change);
  }

  /** Reports a change that was made, after which waiting calls may fit. */
  void changed(BudgetChange change) {
    publish(change);
    mayFitAnywhere();
  }

  /** Lets calls try that wait for room. */
  public void mayFitAnywhere() {
    waiting.mayFitAnywhere();
  }

  void publish(BudgetChange change) {
    listeners.publish(
        "a change of budget " + change.budget(), listener -> listener.onBudgetChanged(change));
  }

  /** Adds to what is settled in a scope's balance now, for a reason, and reports it. */
  CompletableFuture<Amount> adjust(
      BudgetAccounts accounts, String scope, long delta, String reason) {
    Instant at = clock.instant();
    Account account = accounts.accountOf(scope, at);
    return workers
        .handOver(ledger.adjust(account, delta, new Correction(APPLICATION, reason)))
        .thenApply(
            step -> {
              Amount before = new Amount(step.before(), account.unit());
              Amount after = new Amount(step.after(), account.unit());
              publish(new BudgetChange.Adjusted(account.budget(), scope, before, after, reason));
              inForce
                  .now()
                  .settlements
                  .settled(accounts, step.account(), step.before(), step.after(), at);
              waiting.mayFit(account);
              return after;
            });
  }

  static void checkReason(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("reason must not be blank");
    }
  }
}
