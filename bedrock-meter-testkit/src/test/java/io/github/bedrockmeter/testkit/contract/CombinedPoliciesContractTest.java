// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import java.util.concurrent.CompletableFuture;

/** The contract for policies made by {@code allOf} and {@code failOpen}. */
class CombinedPoliciesContractTest extends PolicyContract {
  @Override
  protected BudgetPolicy newPolicy() {
    return BudgetPolicy.failOpen(
        BudgetPolicy.allOf(new CallCap(7), new CallCap(room()), BudgetPolicy.unlimited()));
  }

  @Override
  protected BudgetPolicy newPolicyThatDenies() {
    return BudgetPolicy.failOpen(BudgetPolicy.allOf(new CallCap(7), new CallCap(0)));
  }

  @Override
  protected BudgetPolicy newPolicyThatWaits() {
    BudgetPolicy silent = new SilentPolicy();
    return BudgetPolicy.failOpen(BudgetPolicy.allOf(new CallCap(7), silent));
  }

  @Override
  protected int room() {
    return 4;
  }

  private static final class SilentPolicy extends CallCap {
    SilentPolicy() {
      super(1);
    }

    @Override
    public CompletableFuture<BudgetDecision> reserveAsync(MeteredCall call) {
      return new CompletableFuture<>();
    }
  }
}
