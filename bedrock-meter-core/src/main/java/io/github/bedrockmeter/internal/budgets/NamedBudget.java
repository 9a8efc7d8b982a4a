// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.internal.text.Escaped;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Changes whichever budget has a name, so that it survives a new definition. Thread-safe. */
final class NamedBudget implements BudgetControl {
  private final BudgetAdministration administration;
  private final String name;

  NamedBudget(BudgetAdministration administration, String name) {
    this.administration = administration;
    this.name = name;
  }

  private BudgetAccounts accounts() {
    return administration.accounts(name);
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
    BudgetAdministration.checkReason(reason);
    Objects.requireNonNull(mode, "mode");
    Budget.Mode before = administration.change(name, accounts -> accounts.mode(mode));
    if (before != mode) {
      administration.publish(new BudgetChange.ModeChanged(name, "", before, mode, reason));
    }
    administration.mayFitAnywhere();
  }

  @Override
  public void grant(Budget.Grant grant) {
    administration.change(
        name,
        accounts -> {
          accounts.budget().scope(grant.scope());
          checkUnit(accounts.budget(), grant.extra());
          accounts.grant(grant);
          return accounts;
        });
    administration.changed(
        new BudgetChange.Granted(
            name, grant.scope(), grant.extra(), grant.until(), grant.reason()));
  }

  @Override
  public void freeze(String scope, String reason) {
    BudgetAdministration.checkReason(reason);
    administration.change(
        name,
        accounts -> {
          checkFreezable(accounts.budget(), scope);
          accounts.freeze(scope, reason);
          return accounts;
        });
    administration.publish(new BudgetChange.Frozen(name, scope, reason));
  }

  @Override
  public void thaw(String scope, String reason) {
    BudgetAdministration.checkReason(reason);
    boolean wasFrozen =
        administration.change(
            name,
            accounts -> {
              checkFreezable(accounts.budget(), scope);
              return accounts.thaw(scope);
            });
    if (wasFrozen) {
      administration.changed(new BudgetChange.Thawed(name, scope, reason));
    }
  }

  /** A whole budget can be frozen, or any scope that one of its balances can have. */
  private static void checkFreezable(Budget budget, String scope) {
    if (!scope.isEmpty()) {
      budget.scope(scope);
    }
  }

  @Override
  public CompletableFuture<Amount> charge(String scope, Amount amount, String reason) {
    return adjust(scope, amount, amount.units(), reason);
  }

  @Override
  public CompletableFuture<Amount> credit(String scope, Amount amount, String reason) {
    return adjust(scope, amount, -amount.units(), reason);
  }

  private CompletableFuture<Amount> adjust(String scope, Amount amount, long delta, String reason) {
    BudgetAdministration.checkReason(reason);
    BudgetAccounts accounts = accounts();
    accounts.budget().scope(scope);
    checkUnit(accounts.budget(), amount);
    return administration.adjust(accounts, scope, delta, reason);
  }

  private static void checkUnit(Budget budget, Amount amount) {
    if (amount.unit() != budget.limit().unit()) {
      throw new IllegalArgumentException(
          "budget '"
              + Escaped.text(budget.name())
              + "' has a limit of "
              + budget.limit()
              + ", another unit than "
              + amount);
    }
  }
}
