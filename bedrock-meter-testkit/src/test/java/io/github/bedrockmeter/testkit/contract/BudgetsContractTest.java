// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import static java.time.ZoneOffset.UTC;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The meter's own budgets fulfil the contract for policies. */
class BudgetsContractTest extends PolicyContract {
  private final FakeTime time = FakeTime.at("2026-11-23T10:15:30Z");

  @Override
  protected BudgetPolicy newPolicy() {
    return budgets(
        Ledger.inMemory(time, time, 100),
        budget("calls").limit(Amount.requests(room())).build(),
        budget("dollars").limit(Amount.usd("25.00")).build());
  }

  @Override
  protected BudgetPolicy newPolicyThatDenies() {
    return budgets(
        Ledger.inMemory(time, time, 100), budget("tokens").limit(Amount.tokens(1_499)).build());
  }

  @Override
  protected BudgetPolicy newPolicyThatWaits() {
    Ledger silent =
        (Ledger)
            Proxy.newProxyInstance(
                Ledger.class.getClassLoader(),
                new Class<?>[] {Ledger.class},
                (proxy, method, arguments) -> new CompletableFuture<>());
    return budgets(silent, budget("calls").limit(Amount.requests(room())).build());
  }

  @Override
  protected int room() {
    return 5;
  }

  @Override
  protected MeteredCall call() {
    return SampleCalls.converse().startedAt(time.instant()).tags("team", "search").build();
  }

  private static Budget.Builder budget(String name) {
    return Budget.named(name).window(Window.daily(UTC)).per("team");
  }

  private BudgetPolicy budgets(Ledger ledger, Budget... budgets) {
    return new Budgets(
        List.of(budgets),
        ledger,
        Duration.ofSeconds(30),
        PriceBook.none(),
        new Listeners(List.of()),
        time,
        time,
        new Workers(null));
  }
}
