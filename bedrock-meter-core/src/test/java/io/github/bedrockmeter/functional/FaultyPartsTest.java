// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceBook.ModelLimits;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A part that throws, blocks for a while, or answers null changes nothing for the caller. */
class FaultyPartsTest {
  private static final Reply REPLY = Reply.text("Hi").inputTokens(10).outputTokens(20);

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
    scene.bedrock.on(CLAUDE).reply(REPLY);
  }

  /** The ways in which code of others misbehaves. */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  enum Fault {
    THROWS {
      @Override
      <T> T occur() {
        throw new IllegalStateException("broken on purpose");
      }
    },
    FAILS_WITH_AN_ERROR {
      @Override
      <T> T occur() {
        throw new StackOverflowError("broken on purpose");
      }
    },
    ANSWERS_NULL {
      @Override
      @SuppressWarnings("NullAway")
      <T> T occur() {
        return null;
      }
    };

    abstract <T> T occur();
  }

  private void everyKindOfCallAnswersAsUsual() {
    assertThat(
            scene
                .client
                .converse(Scene.converse(CLAUDE, 20))
                .output()
                .message()
                .content()
                .get(0)
                .text())
        .isEqualTo("Hi");
    assertThat(scene.client.invokeModel(Scene.invokeClaude(20)).body().asUtf8String())
        .contains("Hi");
    assertThat(Scene.await(scene.async.converse(Scene.converse(CLAUDE, 20))).usage().outputTokens())
        .isEqualTo(20);
    var converse = StreamCollector.converse();
    Scene.await(scene.async.converseStream(Scene.converseStream(CLAUDE, 20), converse));
    assertThat(converse.signals).endsWith("end", "complete").doesNotContain("exception");
    var invoke = StreamCollector.invoke();
    Scene.await(scene.async.invokeModelWithResponseStream(Scene.invokeClaudeStream(20), invoke));
    assertThat(invoke.signals).endsWith("end", "complete").doesNotContain("exception");
  }

  @ParameterizedTest
  @EnumSource
  void aFaultyListenerIsSkippedAndTheNextIsTold(Fault fault) {
    with(
        s ->
            s.listener(
                    new MeterListener() {
                      @Override
                      public void onReserved(MeteredCall call) {
                        fault.occur();
                      }

                      @Override
                      public void onUsage(UsageEvent event) {
                        fault.occur();
                      }
                    })
                .listener(scene.listener));

    everyKindOfCallAnswersAsUsual();

    assertThat(scene.listener.usages())
        .hasSize(5)
        .allSatisfy(event -> assertThat(event.charge()).isEqualTo(Charge.REPORTED));
  }

  @Test
  void aListenerThatBlocksForAWhileOnlyTakesItsTime() {
    with(
        s ->
            s.listener(
                new MeterListener() {
                  @Override
                  public void onUsage(UsageEvent event) {
                    pause();
                  }
                }));

    everyKindOfCallAnswersAsUsual();

    assertThat(scene.listener.usages()).hasSize(5);
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFaultyEstimatorIsReplacedByTheBound(Fault fault) {
    with(s -> s.estimator((request, bound) -> fault.occur()));

    everyKindOfCallAnswersAsUsual();

    assertThat(scene.listener.reserved().get(0).estimate())
        .isEqualTo(Asked.of(Scene.converse(CLAUDE, 20)).bound(8_192));
  }

  @ParameterizedTest
  @EnumSource
  void aFaultyPriceBookMakesTheCostUnknown(Fault fault) {
    with(
        s ->
            s.prices(
                new PriceBook() {
                  @Override
                  public Cost costOf(PriceKey key, Usage usage) {
                    return fault.occur();
                  }

                  @Override
                  public ModelLimits limitsOf(String modelId) {
                    return fault.occur();
                  }
                }));

    everyKindOfCallAnswersAsUsual();

    assertThat(scene.listener.usages())
        .allSatisfy(event -> assertThat(event.cost()).isInstanceOf(Cost.Unknown.class));
  }

  static Stream<BudgetPolicy> policiesThatCannotDecide() {
    return Stream.of(
        call -> Fault.THROWS.occur(),
        call -> Fault.FAILS_WITH_AN_ERROR.occur(),
        call -> Fault.ANSWERS_NULL.occur(),
        asking(CompletableFuture.failedFuture(new IllegalStateException("ledger away"))),
        asking(CompletableFuture.completedFuture(null)),
        asking(null));
  }

  @SuppressWarnings("NullAway")
  private static BudgetPolicy asking(CompletionStage<BudgetDecision> answer) {
    return new BudgetPolicy() {
      @Override
      public BudgetDecision reserve(MeteredCall call) {
        return answer.toCompletableFuture().join();
      }

      @Override
      public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
        return answer;
      }
    };
  }

  @ParameterizedTest
  @MethodSource("policiesThatCannotDecide")
  void aPolicyThatCannotDecideDenies(BudgetPolicy policy) {
    with(s -> s.policy(policy));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("cannot decide");
    assertThatThrownBy(() -> scene.async.converse(Scene.converse(CLAUDE, 20)).join())
        .hasCauseInstanceOf(BudgetExceededException.class);
    var handler = StreamCollector.converse();
    assertThatThrownBy(
            () -> scene.async.converseStream(Scene.converseStream(CLAUDE, 20), handler).join())
        .hasCauseInstanceOf(BudgetExceededException.class);

    assertThat(handler.failures).singleElement().isInstanceOf(BudgetExceededException.class);
    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("denied", "denied", "denied");
  }

  @ParameterizedTest
  @MethodSource("policiesThatCannotDecide")
  void failOpenIsTheWrittenOptOut(BudgetPolicy policy) {
    with(s -> s.policy(BudgetPolicy.failOpen(policy)));

    everyKindOfCallAnswersAsUsual();
  }

  @Test
  void failOpenStillDeniesWhatIsDenied() {
    with(s -> s.policy(BudgetPolicy.failOpen(call -> BudgetDecision.denied("no", "never"))));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void aListenerThatFailsOnADenialDoesNotHideIt() {
    with(
        s ->
            s.policy(call -> BudgetDecision.denied("no", "never"))
                .listener(
                    new MeterListener() {
                      @Override
                      public void onDenied(DenialEvent event) {
                        throw new IllegalStateException("broken on purpose");
                      }
                    }));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class);
  }

  @ParameterizedTest
  @EnumSource
  void aReservationThatCannotBeClosedIsReportedAndTheAnswerStands(Fault fault) {
    Reservation broken =
        new Reservation() {
          @Override
          public CompletionStage<?> commit(Usage usage, Cost cost) {
            return fault.occur();
          }

          @Override
          public CompletionStage<?> release() {
            return fault.occur();
          }
        };
    with(s -> s.policy(call -> new BudgetDecision.Granted(broken)));

    everyKindOfCallAnswersAsUsual();

    assertThat(scene.listener.settlementFailures()).hasSize(5);
    assertThat(scene.listener.usages()).hasSize(5);
  }

  /** A ledger whose answers a test decides. */
  private static class RemoteLedger extends ForwardingLedger {
    final AtomicInteger settles = new AtomicInteger();

    RemoteLedger() {
      super(Ledger.inMemory());
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      settles.incrementAndGet();
      return inner.settle(holds, actuals);
    }
  }

  private static final Budget TOKENS =
      Budget.named("all").limit(Amount.tokens(100_000)).window(Window.lifetime()).build();

  @Test
  void aLedgerThatDoesNotAnswerInTimeDeniesAndALateHoldIsGivenBack() {
    CompletableFuture<HoldResult> late = new CompletableFuture<>();
    RemoteLedger ledger =
        new RemoteLedger() {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            return inner.hold(holds).thenCombine(late, (held, signal) -> held);
          }
        };
    with(s -> s.budget(TOKENS).ledger(ledger).ledgerTimeout(Duration.ofMillis(30)));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("did not answer within PT0.03S");
    assertThatThrownBy(() -> scene.async.converse(Scene.converse(CLAUDE, 20)).join())
        .hasCauseInstanceOf(BudgetExceededException.class);
    assertThat(held()).isPositive();

    late.complete(HoldResult.CLEAN);

    assertThat(held()).isZero();
    assertThat(ledger.settles).hasValue(2);
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  private long held() {
    return Scene.await(scene.meter.status()).get(0).held().units();
  }

  @Test
  void aSettlementThatFailsIsTriedAgain() {
    RemoteLedger ledger =
        new RemoteLedger() {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            return settles.incrementAndGet() < 3
                ? CompletableFuture.failedFuture(new IllegalStateException("connection lost"))
                : inner.settle(holds, actuals);
          }
        };
    with(s -> s.budget(TOKENS).ledger(ledger));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    Awaitility.await().until(() -> held() == 0);
    assertThat(ledger.settles).hasValue(3);
    assertThat(scene.listener.settlementFailures()).isEmpty();
  }

  @Test
  void aSettlementThatFailsToTheEndIsReportedAndStaysHeld() {
    RemoteLedger ledger =
        new RemoteLedger() {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            settles.incrementAndGet();
            throw new IllegalStateException("connection lost");
          }
        };
    with(s -> s.budget(TOKENS).ledger(ledger).settlementTime(Duration.ofMillis(200)));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    Awaitility.await().until(() -> !scene.listener.settlementFailures().isEmpty());
    assertThat(ledger.settles).hasValueGreaterThan(1);
    assertThat(held()).isPositive();
    assertThat(scene.listener.settlementFailures())
        .singleElement()
        .satisfies(event -> assertThat(event.usage().outputTokens()).isEqualTo(20));
  }

  @Test
  void theAnswerDoesNotWaitForARemoteSettlementAndCloseDoes() {
    CompletableFuture<HoldResult> gate = new CompletableFuture<>();
    RemoteLedger ledger =
        new RemoteLedger() {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            return gate.thenCompose(go -> inner.settle(holds, actuals));
          }
        };
    with(s -> s.budget(TOKENS).ledger(ledger));

    scene.client.converse(Scene.converse(CLAUDE, 20));
    Scene.await(scene.async.converse(Scene.converse(CLAUDE, 20)));

    assertThat(scene.listener.usages()).hasSize(2);
    assertThat(held()).isPositive();
    Thread closing = new Thread(scene.meter::close);
    closing.start();
    assertThat(closing.isAlive()).isTrue();
    gate.complete(HoldResult.CLEAN);
    Awaitility.await().until(() -> !closing.isAlive());
    assertThat(held()).isZero();
  }
}
