// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A call that is denied because something cannot decide carries the exception behind it. */
class CannotDecideTest {
  private final IllegalStateException down =
      new IllegalStateException("SELECT settled FROM bedrock_meter_account: relation is missing");

  private enum Kind {
    SYNC,
    ASYNC,
    STREAM
  }

  private enum Failing {
    AT_ONCE,
    LATER,
    BY_THROWING
  }

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(1).outputTokens(2));
  }

  private BudgetExceededException denied(Kind kind) {
    Throwable failure =
        catchThrowable(
            () -> {
              switch (kind) {
                case SYNC -> scene.client.converse(Scene.converse(NOVA, 20));
                case ASYNC -> scene.async.converse(Scene.converse(NOVA, 20)).join();
                case STREAM ->
                    scene
                        .async
                        .converseStream(Scene.converseStream(NOVA, 20), StreamCollector.converse())
                        .join();
              }
            });
    return (BudgetExceededException)
        (failure instanceof CompletionException ? failure.getCause() : failure);
  }

  private Ledger failing(Failing how) {
    return new ForwardingLedger(Ledger.inMemory()) {
      @Override
      public CompletionStage<HoldResult> hold(List<Hold> holds) {
        return switch (how) {
          case AT_ONCE -> CompletableFuture.failedFuture(down);
          case LATER ->
              CompletableFuture.supplyAsync(
                  () -> {
                    throw down;
                  },
                  CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS));
          case BY_THROWING -> throw down;
        };
      }
    };
  }

  private static Budget.Builder budget() {
    return Budget.named("all").limit(Amount.tokens(100_000)).window(Window.lifetime());
  }

  static Stream<Object[]> paths() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                Stream.of(Failing.values())
                    .flatMap(
                        how ->
                            Stream.of(Duration.ZERO, Duration.ofMillis(50))
                                .map(wait -> new Object[] {kind, how, wait})));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void aLedgerThatFailsIsTheCauseOnEveryPath(Object kind, Object how, Duration wait) {
    with(
        s ->
            s.budget(budget().waitUpTo(wait).build())
                .ledger(failing((Failing) how))
                .ledgerTimeout(Duration.ofSeconds(20)));

    for (int i = 0; i < 12; i++) { // the breaker opens on the way
      BudgetExceededException denied = denied((Kind) kind);

      assertThat(denied.denial().kind()).isEqualTo(DenialKind.LEDGER_UNAVAILABLE);
      assertThat(denied).hasRootCause(down);
      assertThat(denied.denial().cause()).isSameAs(denied.getCause());
      assertThat(denied.callId()).isNotNull();
      if (denied.denial().kind() == DenialKind.LEDGER_UNAVAILABLE) {
        assertThat(denied.getMessage()).doesNotContain("SELECT");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("paths")
  void aPolicyThatFailsIsTheCauseOnEveryPath(Object kind, Object how, Duration wait) {
    with(
        s ->
            s.budget(budget().waitUpTo(wait).build())
                .policy(
                    call -> {
                      throw down;
                    }));

    BudgetExceededException denied = denied((Kind) kind);

    assertThat(denied.denial().kind()).isEqualTo(DenialKind.POLICY);
    assertThat(denied).hasRootCause(down);
  }

  @Test
  void callsWithoutATagThatABudgetIsPerAreCounted() {
    with(
        s ->
            s.budget(budget().per("tenant", "team").build())
                .budget(
                    Budget.named("b").limit(Amount.requests(3)).window(Window.lifetime()).build()));
    assertThat(scene.meter.untaggedCalls()).isEmpty();

    scene.client.converse(Scene.converse(NOVA, 20));
    scene.client.converse(
        Scene.converse(NOVA, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags("tenant", "acme"))
            .build());
    scene.client.converse(
        Scene.converse(NOVA, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags("tenant", "acme", "team", "search"))
            .build());
    assertThat(denied(Kind.ASYNC)).isNotNull();

    assertThat(scene.meter.untaggedCalls()).containsOnlyKeys("tenant", "team");
    assertThat(scene.meter.untaggedCalls()).containsEntry("tenant", 2L).containsEntry("team", 3L);
  }
}
