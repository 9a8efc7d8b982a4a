// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A policy's reservation that throws must not keep the budgets' reservation open. */
class OneBrokenReservationTest {
  @Test
  void aThrowingReservationOfAPolicyDoesNotKeepTheBudgetsHoldOpen() {
    Reservation broken =
        new Reservation() {
          @Override
          public CompletionStage<?> commit(Usage usage, Cost cost) {
            throw new IllegalStateException("broken policy");
          }

          @Override
          public CompletionStage<?> release() {
            return CompletableFuture.completedFuture(null);
          }
        };
    BedrockMeter meter =
        BedrockMeter.builder()
            .policy(call -> new BudgetDecision.Granted(broken))
            .budget(
                Budget.named("b").limit(Amount.tokens(1_000_000)).window(Window.lifetime()).build())
            .build();
    meter
        .wrap(CannedBedrock.client())
        .converse(r -> r.modelId("anthropic.claude-x").inferenceConfig(c -> c.maxTokens(100)));
    BudgetStatus status = meter.status().join().get(0);
    assertThat(status.held()).isEqualTo(Amount.tokens(0));
    assertThat(status.settled()).isEqualTo(Amount.tokens(55));
  }

  @Test
  void aPolicyThatAnswersNoStageReleasesEarlierReservations() {
    AtomicInteger closed = new AtomicInteger();
    Reservation counted =
        new Reservation() {
          @Override
          public CompletionStage<?> commit(Usage usage, Cost cost) {
            closed.incrementAndGet();
            return CompletableFuture.completedFuture(null);
          }

          @Override
          public CompletionStage<?> release() {
            closed.incrementAndGet();
            return CompletableFuture.completedFuture(null);
          }
        };
    BudgetPolicy answersNothing =
        new BudgetPolicy() {
          @Override
          public BudgetDecision reserve(MeteredCall call) {
            return BudgetDecision.granted();
          }

          @Override
          @SuppressWarnings("NullAway")
          public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
            return null;
          }
        };
    var unused =
        BedrockMeter.builder()
            .policy(call -> new BudgetDecision.Granted(counted))
            .policy(answersNothing)
            .build()
            .wrap(new ManualStreams())
            .converseStream(ManualStreams.request(), new ManualStreams.Handler());
    assertThat(closed.get()).isEqualTo(1);
  }
}
