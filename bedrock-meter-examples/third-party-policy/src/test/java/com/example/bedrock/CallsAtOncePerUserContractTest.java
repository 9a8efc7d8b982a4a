// SPDX-License-Identifier: Apache-2.0
package com.example.bedrock;

import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.testkit.contract.PolicyContract;
import io.github.bedrockmeter.testkit.sample.SampleCalls;

/** What every policy must do. */
class CallsAtOncePerUserContractTest extends PolicyContract {

  @Override
  protected BudgetPolicy newPolicy() {
    return new CallsAtOncePerUser(room());
  }

  @Override
  protected BudgetPolicy newPolicyThatDenies() {
    CallsAtOncePerUser full = new CallsAtOncePerUser(1);
    full.reserve(call());
    return full;
  }

  @Override
  protected int room() {
    return 3;
  }

  @Override
  protected MeteredCall call() {
    return SampleCalls.converse().tags("user", "ada").build();
  }
}
