// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** Changes whichever budget has a name, so that it survives a new definition. Thread-safe. */
final class NamedBudget implements BudgetControl {
  private final Budgets budgets;
  private final String name;

  NamedBudget(Budgets budgets, String name) {
    this.budgets = budgets;
    this.name = name;
  }

  private BudgetAccounts accounts() {
    BudgetAccounts accounts = budgets.accounts(name);
    if (accounts == null) {
      throw new IllegalStateException("budget '" + name + "' is no longer in force");
    }
    return accounts;
  }

  @Override
  public Budget budget() {
    return accounts().budget();
  }

  @Override
  public Budget.Mode mode() {
    return accounts().mode();
  }

  @Override
  public void mode(Budget.Mode mode, String reason) {
    checkReason(reason);
    BudgetAccounts accounts = accounts();
    Budget.Mode before = accounts.mode();
    accounts.mode(Objects.requireNonNull(mode, "mode"));
    if (before != mode) {
      budgets.tell(new BudgetChange.ModeChanged(name, "", before, mode, reason));
    }
    budgets.waitingRoom().mayFitAnywhere();
  }

  @Override
  public void grant(Grant grant) {
    BudgetAccounts accounts = accounts();
    checkBalance(accounts.budget(), grant.scope());
    checkUnit(accounts.budget(), grant.extra());
    accounts.grant(grant);
    budgets.tell(
        new BudgetChange.Granted(
            name, grant.scope(), grant.extra(), grant.until(), grant.reason()));
    budgets.waitingRoom().mayFitAnywhere();
  }

  @Override
  public void freeze(String scope, String reason) {
    checkReason(reason);
    BudgetAccounts accounts = accounts();
    if (!scope.isEmpty()) {
      checkBalance(accounts.budget(), scope);
    }
    accounts.freeze(scope, reason);
    budgets.tell(new BudgetChange.Frozen(name, scope, reason));
  }

  @Override
  public void thaw(String scope, String reason) {
    checkReason(reason);
    if (accounts().thaw(scope)) {
      budgets.tell(new BudgetChange.Thawed(name, scope, reason));
      budgets.waitingRoom().mayFitAnywhere();
    }
  }

  @Override
  public CompletionStage<Amount> charge(String scope, Amount amount, String reason) {
    return adjust(scope, amount, amount.units(), reason);
  }

  @Override
  public CompletionStage<Amount> credit(String scope, Amount amount, String reason) {
    return adjust(scope, amount, -amount.units(), reason);
  }

  private CompletionStage<Amount> adjust(String scope, Amount amount, long delta, String reason) {
    checkReason(reason);
    BudgetAccounts accounts = accounts();
    checkBalance(accounts.budget(), scope);
    checkUnit(accounts.budget(), amount);
    return budgets.adjust(accounts, scope, delta, reason);
  }

  static void checkReason(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("say why, for those who will ask later");
    }
  }

  private static void checkUnit(Budget budget, Amount amount) {
    if (amount.unit() != budget.limit().unit()) {
      throw new IllegalArgumentException(budget + " has another unit than " + amount);
    }
  }

  private static void checkBalance(Budget budget, String scope) {
    if (!budget.hasScope(scope)) {
      throw new IllegalArgumentException(budget.scopesInWords() + "; got '" + scope + "'");
    }
  }
}
