// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Workers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A policy of the application, after whose late answers the meter goes on with its workers and not
 * on the thread that the policy answers on. Thread-safe.
 */
public record HandedOver(BudgetPolicy policy, Workers workers) implements BudgetPolicy {
  @Override
  public BudgetDecision reserve(MeteredCall call) {
    return policy.reserve(call);
  }

  @Override
  @SuppressWarnings("NullAway") // a policy of a user may do what it should not; null is a denial
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    CompletionStage<BudgetDecision> stage = policy.reserveAsync(call);
    return stage == null ? CompletableFuture.completedFuture(null) : workers.handOver(stage);
  }
}
