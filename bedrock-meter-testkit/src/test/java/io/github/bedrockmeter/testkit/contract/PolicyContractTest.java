// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** The contract fails for every mistake: one policy for each. */
class PolicyContractTest {
  private static final int ROOM = 3;

  private interface Check {
    void of(PolicyContract contract) throws Exception;
  }

  private static void assertFails(Supplier<BudgetPolicy> wrong, Check check) {
    PolicyContract contract =
        new PolicyContract() {
          @Override
          protected BudgetPolicy newPolicy() {
            return wrong.get();
          }

          @Override
          protected BudgetPolicy newPolicyThatDenies() {
            return wrong.get();
          }

          @Override
          protected int room() {
            return ROOM;
          }
        };
    assertThatExceptionOfType(Throwable.class)
        .isThrownBy(() -> check.of(contract))
        .isNotInstanceOf(TestAbortedException.class);
  }

  private static BudgetPolicy denying(String policy, String reason) {
    return call -> BudgetDecision.denied(policy, reason);
  }

  @Test
  @SuppressWarnings("NullAway") // The mistake that the contract must find.
  void aPolicyThatAnswersNull() {
    assertFails(() -> call -> null, PolicyContract::aCallIsGrantedOrDenied);
  }

  @Test
  void aPolicyThatDecidesDifferentlyWhenItIsAskedAsynchronously() {
    assertFails(
        () ->
            new CallCap(ROOM) {
              @Override
              public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
                return CompletableFuture.completedFuture(BudgetDecision.denied("cap", "always"));
              }
            },
        PolicyContract::reserveAsyncDecidesAsReserveDoes);
  }

  @Test
  void aPolicyThatCannotDecideAboutACallWithoutAPrice() {
    assertFails(
        () ->
            call -> {
              if (call.estimatedCost() instanceof Cost.Unknown) {
                throw new IllegalStateException("no price");
              }
              return BudgetDecision.granted();
            },
        PolicyContract::callsWithFewFactsAreDecidedToo);
  }

  @Test
  void aPolicyThatRefusesACommitAboveItsEstimate() {
    assertFails(
        () ->
            new CallCap(ROOM) {
              @Override
              CompletionStage<?> commit(Usage usage, Cost cost) {
                if (usage.totalTokens() > 1_500) {
                  throw new IllegalArgumentException("more than was reserved");
                }
                return super.commit(usage, cost);
              }
            },
        PolicyContract::moreThanWasEstimatedCanBeCommitted);
  }

  @Test
  void aPolicyThatTakesAnUnknownCostForAnError() {
    assertFails(
        () ->
            new CallCap(ROOM) {
              @Override
              CompletionStage<?> commit(Usage usage, Cost cost) {
                if (cost instanceof Cost.Unknown) {
                  throw new IllegalArgumentException("no price");
                }
                return super.commit(usage, cost);
              }
            },
        PolicyContract::anUnknownCostCanBeCommitted);
  }

  @Test
  void aPolicyWhoseReleaseFails() {
    assertFails(
        () ->
            new CallCap(ROOM) {
              @Override
              CompletionStage<?> release() {
                return CompletableFuture.failedFuture(new IllegalStateException("lost"));
              }
            },
        PolicyContract::aReservationCanBeReleased);
  }

  @Test
  void aPolicyThatKeepsWhatWasReleased() {
    assertFails(
        () ->
            new CallCap(ROOM) {
              @Override
              CompletionStage<?> release() {
                return CompletableFuture.completedFuture(null);
              }
            },
        PolicyContract::aReleaseGivesTheRoomBack);
  }

  @Test
  void aPolicyThatGrantsMoreThanItsRoom() {
    assertFails(
        () -> new CallCap(ROOM + 1), PolicyContract::manyThreadsAreGrantedNoMoreThanThereIsRoom);
  }

  @Test
  void aDenialWithoutAName() {
    assertFails(() -> denying("", "closed"), PolicyContract::aDenialNamesThePolicyAndSaysWhatToDo);
  }

  @Test
  void aDenialWithoutAReason() {
    assertFails(() -> denying("hours", " "), PolicyContract::aDenialNamesThePolicyAndSaysWhatToDo);
  }
}
