// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import io.github.bedrockmeter.budget.BudgetPolicy;

/** The contract of a policy that counts calls in flight. */
class CallCapContractTest extends PolicyContract {
  @Override
  protected BudgetPolicy newPolicy() {
    return new CallCap(room());
  }

  @Override
  protected BudgetPolicy newPolicyThatDenies() {
    return new CallCap(0);
  }

  @Override
  protected int room() {
    return 3;
  }
}
