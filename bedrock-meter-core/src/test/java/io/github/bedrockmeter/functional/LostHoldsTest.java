// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A store that has lost a hold charges the call all the same, and the meter reports it. */
class LostHoldsTest {
  private static final Budget PLAIN =
      Budget.named("plain").limit(Amount.tokens(100_000)).window(Window.lifetime()).build();
  private static final Budget WARNS =
      Budget.named("warns")
          .limit(Amount.tokens(100_000))
          .window(Window.lifetime())
          .warnAt(0.5)
          .build();

  /** Charges without a hold whatever it is asked to settle. */
  private static final class Forgetful extends ForwardingLedger {
    private final boolean answersAtOnce;

    Forgetful(boolean answersAtOnce) {
      super(Ledger.inMemory());
      this.answersAtOnce = answersAtOnce;
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      List<Settled> steps = new ArrayList<>();
      for (Settled step : inner.settle(holds, actuals).toCompletableFuture().join()) {
        steps.add(new Settled(step.account(), step.before(), step.after(), true));
      }
      return answersAtOnce
          ? CompletableFuture.completedFuture(steps)
          : CompletableFuture.supplyAsync(() -> steps);
    }
  }

  @Test
  void aCallWhoseHoldWasLostIsReportedAtOnce() {
    assertReported(true);
  }

  @Test
  void aCallWhoseHoldWasLostIsReportedWhenTheLedgerAnswersLater() {
    assertReported(false);
  }

  private static void assertReported(boolean answersAtOnce) {
    for (Budget budget : List.of(PLAIN, WARNS)) {
      try (Scene scene = new Scene(s -> s.budget(budget).ledger(new Forgetful(answersAtOnce)))) {
        scene.bedrock.on(CLAUDE).reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
        scene.client.converse(Scene.converse(CLAUDE, 100));

        Awaitility.await().until(() -> !scene.listener.chargedWithoutHold().isEmpty());
        ChargedWithoutHoldEvent event = scene.listener.chargedWithoutHold().get(0);
        assertThat(scene.listener.chargedWithoutHold()).hasSize(1);
        assertThat(event.account().budget()).isEqualTo(budget.name());
        assertThat(event.charged()).isEqualTo(Amount.tokens(30));
        assertThat(event.call()).isEqualTo(scene.listener.usage().call());
      }
    }
  }

  @Test
  void aSettlementIsNotRepeatedForLongerThanLedgersRememberIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().settlementTime(Duration.ofMinutes(6)))
        .withMessageContaining("settlementTime must be at most PT5M")
        .withMessageContaining("PT6M");
  }

  @Test
  void aCorrectionSaysWhoAndWhy() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Correction(" ", "refund"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Correction("anna", ""));
  }
}
