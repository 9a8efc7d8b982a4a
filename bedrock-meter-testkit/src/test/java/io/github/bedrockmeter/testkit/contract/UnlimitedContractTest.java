// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import io.github.bedrockmeter.budget.BudgetPolicy;
import org.jspecify.annotations.Nullable;

/** The contract of a policy that never denies and sets nothing aside. */
class UnlimitedContractTest extends PolicyContract {
  @Override
  protected BudgetPolicy newPolicy() {
    return BudgetPolicy.unlimited();
  }

  @Override
  protected @Nullable BudgetPolicy newPolicyThatDenies() {
    return null;
  }
}
