// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Calls as a meter describes them, and what to do with the answers. */
final class Calls {
  static final String NOVA = "amazon.nova-lite-v1:0";
  static final String CLAUDE = "anthropic.claude-sonnet-4-6";

  private Calls() {}

  static MeteredCall converse(String model, long input, long maxTokens) {
    return call("Converse", model, PriceKey.STANDARD, Usage.ofTokens(input, maxTokens));
  }

  static MeteredCall call(String operation, String model, String tier, Usage bound) {
    return call(operation, model, "us-east-1", tier, bound, bound);
  }

  static MeteredCall call(
      String operation, String model, String region, String tier, Usage bound, Usage estimate) {
    return new MeteredCall(
        "1",
        operation,
        model,
        new PriceKey(model, region, tier, Instant.EPOCH),
        Tags.none(),
        bound,
        estimate,
        Cost.NOTHING,
        List.of());
  }

  static boolean isGranted(CompletionStage<BudgetDecision> answer) {
    CompletableFuture<BudgetDecision> future = answer.toCompletableFuture();
    return future.isDone() && future.join() instanceof Granted;
  }

  static Reservation granted(CompletionStage<BudgetDecision> answer) {
    return granted(answer.toCompletableFuture().getNow(null));
  }

  static Reservation granted(BudgetDecision decision) {
    if (decision instanceof Granted granted) {
      return granted.reservation();
    }
    throw new AssertionError("not granted: " + decision);
  }

  static Denied denied(CompletionStage<BudgetDecision> answer) {
    return denied(answer.toCompletableFuture().getNow(null));
  }

  static Denied denied(BudgetDecision decision) {
    if (decision instanceof Denied denied) {
      return denied;
    }
    throw new AssertionError("not denied: " + decision);
  }

  static void ended(Reservation reservation, long input, long output) {
    reservation.commit(Usage.ofTokens(input, output), Cost.NOTHING);
  }
}
