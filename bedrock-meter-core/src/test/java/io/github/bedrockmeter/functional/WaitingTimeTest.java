// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** A call waits as long as its budget says, and no longer than the call itself may take. */
class WaitingTimeTest {
  private static final Duration SLACK = Duration.ofMillis(250);
  private static final ConverseRequest REQUEST = Scene.converse(CLAUDE, 20);

  private static BedrockMeter full(Duration wait) {
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("one")
                    .limit(Amount.requests(1))
                    .window(Window.lifetime())
                    .waitUpTo(wait)
                    .build())
            .build();
    meter.wrap(AnsweringClients.sync()).converse(REQUEST);
    return meter;
  }

  private static void blockTheCommonPool(CountDownLatch end) {
    for (int i = 0; i < 4 * ForkJoinPool.getCommonPoolParallelism(); i++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                try {
                  end.await();
                } catch (InterruptedException interrupted) {
                  Thread.currentThread().interrupt();
                }
              });
    }
  }

  private static void denied(CompletableFuture<?> call, DenialKind kind) {
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BudgetExceededException.class)
        .extracting(failure -> ((BudgetExceededException) failure.getCause()).denial().kind())
        .isEqualTo(kind);
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Test
  void theWaitIsKeptWhileTheCommonPoolIsBlocked() {
    Duration wait = Duration.ofMillis(300);
    BedrockMeter meter = full(wait);
    CountDownLatch end = new CountDownLatch(1);
    blockTheCommonPool(end);
    try {
      long begin = System.nanoTime();
      assertThatThrownBy(() -> meter.wrap(AnsweringClients.sync()).converse(REQUEST))
          .isInstanceOf(BudgetExceededException.class)
          .hasMessageStartingWith("Queued too long");
      assertThat(since(begin)).isBetween(wait, wait.plus(SLACK));

      begin = System.nanoTime();
      denied(meter.wrap(AnsweringClients.async()).converse(REQUEST), DenialKind.QUEUED_TOO_LONG);
      assertThat(since(begin)).isBetween(wait, wait.plus(SLACK));
    } finally {
      end.countDown();
    }
  }

  @Test
  void theRequestsOwnTimeBoundsTheWait() {
    BedrockMeter meter = full(Duration.ofMinutes(5));
    Duration own = Duration.ofMillis(300);
    ConverseRequest request =
        REQUEST.toBuilder().overrideConfiguration(o -> o.apiCallTimeout(own)).build();

    long begin = System.nanoTime();
    assertThatThrownBy(() -> meter.wrap(AnsweringClients.sync()).converse(request))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageStartingWith("Queued too long");
    assertThat(since(begin)).isBetween(own.minusMillis(50), own.plus(SLACK));

    begin = System.nanoTime();
    denied(meter.wrap(AnsweringClients.async()).converse(request), DenialKind.QUEUED_TOO_LONG);
    assertThat(since(begin)).isBetween(own.minusMillis(50), own.plus(SLACK));
  }

  @Test
  void theClientsTimeBoundsTheWait() {
    BedrockMeter meter = full(Duration.ofMinutes(5));
    Duration own = Duration.ofMillis(300);
    try (FakeBedrock bedrock = FakeBedrock.start();
        BedrockRuntimeClient client =
            meter.wrap(bedrock.clientBuilder().overrideConfiguration(c -> c.apiCallTimeout(own)))) {
      long begin = System.nanoTime();
      assertThatThrownBy(() -> client.converse(REQUEST))
          .isInstanceOf(BudgetExceededException.class)
          .hasMessageStartingWith("Queued too long");
      assertThat(since(begin)).isBetween(own.minusMillis(50), own.plus(SLACK));
      assertThat(bedrock.requests()).isEmpty();
    }
  }

  @Test
  void aWaitWithoutAnEndIsPossible() {
    BedrockMeter meter = full(Duration.ofSeconds(Long.MAX_VALUE));
    CompletableFuture<ConverseResponse> waiting =
        meter.wrap(AnsweringClients.async()).converse(REQUEST);
    assertThat(waiting).isNotDone();

    Scene.await(meter.control("one").credit("", Amount.requests(1), "test"));

    Scene.await(waiting);
  }

  @Test
  void whoTimesOutOrIsCancelledLeavesTheLineAtOnce() {
    BedrockMeter meter = full(Duration.ofMinutes(5));
    var client = meter.wrap(AnsweringClients.async());
    CompletableFuture<ConverseResponse> timed =
        client.converse(REQUEST).orTimeout(20, TimeUnit.MILLISECONDS);
    CompletableFuture<ConverseResponse> cancelled = client.converse(REQUEST);
    CompletableFuture<ConverseResponse> last = client.converse(REQUEST);

    assertThatThrownBy(() -> timed.get(20, TimeUnit.SECONDS)).isInstanceOf(Exception.class);
    cancelled.cancel(true);
    Scene.await(meter.control("one").credit("", Amount.requests(1), "test"));

    Scene.await(last);
    assertThat(Scene.await(meter.status()).get(0).held()).isEqualTo(Amount.requests(0));
  }

  @Test
  void anInterruptedThreadLeavesTheLineAtOnce() throws Exception {
    BedrockMeter meter = full(Duration.ofMinutes(5));
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                meter.wrap(AnsweringClients.sync()).converse(REQUEST);
              } catch (Throwable expected) {
                thrown.complete(
                    Thread.currentThread().isInterrupted()
                        ? expected
                        : new AssertionError("the thread's flag is gone"));
              }
            });
    caller.start();
    while (caller.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    caller.interrupt();

    assertThat(Scene.await(thrown)).hasMessageStartingWith("Interrupted");
    caller.join();
    Scene.await(meter.control("one").credit("", Amount.requests(1), "test"));
    Scene.await(meter.wrap(AnsweringClients.async()).converse(REQUEST));
  }
}
