// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A remote ledger becomes unavailable while calls are made, and available again. */
class OutagesTest {
  private static final Budget TOKENS =
      Budget.named("all")
          .limit(Amount.tokens(100_000))
          .window(Window.lifetime())
          .warnAt(0.003)
          .build();

  /** What becomes of a request to the ledger. */
  private enum State {
    ANSWERS,
    IS_SILENT,
    LOSES_ANSWERS
  }

  /** A ledger behind a network. */
  private static final class Remote extends ForwardingLedger {
    final AtomicInteger holds = new AtomicInteger();
    final AtomicInteger settles = new AtomicInteger();
    volatile State holding = State.ANSWERS;
    volatile State settling = State.ANSWERS;

    Remote() {
      super(Ledger.inMemory());
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> wanted) {
      holds.incrementAndGet();
      return sent(holding, () -> inner.hold(wanted));
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> ended, long[] actuals) {
      settles.incrementAndGet();
      return sent(settling, () -> inner.settle(ended, actuals));
    }

    private static <T> CompletionStage<T> sent(State state, Supplier<CompletionStage<T>> request) {
      if (state == State.IS_SILENT) {
        return new CompletableFuture<>();
      }
      T answer = request.get().toCompletableFuture().join();
      return CompletableFuture.supplyAsync(
          () -> {
            if (state == State.LOSES_ANSWERS) {
              throw new IllegalStateException("connection lost");
            }
            return answer;
          },
          CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS));
    }
  }

  private final Remote remote = new Remote();
  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    remote.settling = State.ANSWERS;
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene =
        new Scene(
            s ->
                settings.apply(
                    s.budget(TOKENS).ledger(remote).ledgerTimeout(Duration.ofMillis(200))));
    scene.bedrock.on(CLAUDE).reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
  }

  private void call() {
    scene.client.converse(Scene.converse(CLAUDE, 20));
  }

  private void deniedCall(String why) {
    assertThatThrownBy(this::call)
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining(why);
  }

  private BudgetStatus status() {
    return Scene.await(scene.meter.status()).get(0);
  }

  private long held() {
    return status().held().units();
  }

  private void breakDown() {
    remote.holding = State.IS_SILENT;
    for (int i = 0; i < 5; i++) {
      deniedCall("did not answer within PT0.2S");
    }
    Awaitility.await()
        .untilAsserted(
            () -> {
              int sent = remote.holds.get();
              deniedCall("");
              assertThat(remote.holds).hasValue(sent);
            });
  }

  @Test
  void holdsAreNotSentToALedgerThatFailsUntilTimeHasPassed() {
    with(s -> s);
    breakDown();
    int sent = remote.holds.get();

    deniedCall("the ledger failed 5 times in a row");
    assertThatThrownBy(() -> scene.async.converse(Scene.converse(CLAUDE, 20)).join())
        .hasCauseInstanceOf(BudgetExceededException.class);
    assertThat(remote.holds).hasValue(sent);

    scene.time.advance(Duration.ofSeconds(2));
    deniedCall("did not answer within PT0.2S");
    assertThat(remote.holds).hasValue(sent + 1);

    remote.holding = State.ANSWERS;
    Awaitility.await()
        .untilAsserted(
            () -> {
              scene.time.advance(Duration.ofSeconds(2));
              call();
            });
    call();
    assertThat(remote.holds).hasValueGreaterThan(sent + 2);
  }

  @Test
  void failOpenAppliesAtOnceWhileNoHoldsAreSent() {
    with(s -> s.failOpen(true));
    remote.holding = State.IS_SILENT;

    for (int i = 0; i < 10; i++) {
      call();
    }

    assertThat(remote.holds).hasValueLessThan(10);
    assertThat(scene.listener.usages()).hasSize(10);
  }

  @Test
  void aHoldWhoseAnswerIsLostIsGivenBack() {
    with(s -> s);
    remote.holding = State.LOSES_ANSWERS;
    remote.settling = State.LOSES_ANSWERS;

    deniedCall("the ledger could not decide");
    remote.settling = State.ANSWERS;

    Awaitility.await().until(() -> held() == 0);
  }

  @Test
  void aSettlementOutlastsAnOutageAndCountsOnce() {
    with(s -> s);
    remote.settling = State.LOSES_ANSWERS;
    call();
    Awaitility.await().until(() -> remote.settles.get() > 3);

    remote.settling = State.ANSWERS;
    scene.meter.close();

    assertThat(scene.listener.settlementFailures()).isEmpty();
    assertThat(status().held().units()).isZero();
    assertThat(status().settled().units()).isEqualTo(30);
  }

  @Test
  void aSettlementThatIsNeverAnsweredIsReported() {
    with(s -> s.settlementTime(Duration.ofMillis(150)));
    remote.settling = State.IS_SILENT;

    call();

    Awaitility.await().until(() -> scene.listener.settlementFailures().size() == 1);
    assertThat(status().held().units()).isPositive();
  }

  @Test
  void leasesWorkBehindAMeterAndReportAThresholdOnce() {
    Ledger leased = Ledger.leased(remote, Duration.ofMillis(300));
    with(s -> s.ledger(leased).ledgerTimeout(Duration.ofSeconds(5)));

    for (int i = 0; i < 40; i++) {
      call();
    }
    scene.meter.close();
    leased.close();

    Awaitility.await().until(() -> held() == 0);
    assertThat(scene.listener.thresholds()).hasSize(1);
    assertThat(remote.holds.get()).isLessThan(40);
  }

  @Test
  void aSettlementNeedsSomeTime() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().settlementTime(Duration.ZERO));
  }
}
