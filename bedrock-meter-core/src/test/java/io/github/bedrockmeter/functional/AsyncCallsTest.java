// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.Reply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;

class AsyncCallsTest {
  private static final Budget ONE_DOLLAR =
      Budget.named("all").limit(Amount.usd("1")).window(Window.lifetime()).build();

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> s) {
    scene.close();
    scene = new Scene(s);
  }

  @Test
  void converseAndInvokeModelAreMetered() {
    scene.bedrock.on(CLAUDE).reply(Reply.text("Hi").inputTokens(10).outputTokens(20));

    Scene.await(scene.async.converse(Scene.converse(CLAUDE, 100)));
    Scene.await(scene.async.invokeModel(Scene.invokeClaude(100)));
    Scene.await(scene.async.converse(r -> r.modelId(CLAUDE).messages(Scene.user("Hello"))));

    assertThat(scene.listener.usages())
        .hasSize(3)
        .allSatisfy(
            event -> {
              assertThat(event.usage().inputTokens()).isEqualTo(10);
              assertThat(event.usage().outputTokens()).isEqualTo(20);
              assertThat(event.cost().usd()).isPresent();
            });
  }

  @Test
  void aCallerWhoJoinsFindsItsEventDelivered() {
    for (int i = 1; i <= 50; i++) {
      Scene.await(scene.async.converse(Scene.converse(CLAUDE, 100)));
      assertThat(scene.listener.usages()).hasSize(i);
    }
  }

  @Test
  void aDenialFailsTheFutureAndNothingIsSent() {
    with(s -> s.budget(ONE_DOLLAR));

    CompletableFuture<ConverseResponse> future =
        scene.async.converse(Scene.converse(CLAUDE, 100_000));

    assertThatThrownBy(future::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BudgetExceededException.class);
    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("denied");
  }

  @Test
  void aFailureLooksAsItDoesWithoutTheMeter() throws Exception {
    scene.bedrock.on(CLAUDE).reply(Reply.error(400, "ValidationException", "no such thing"));

    Throwable plain = seenBy(scene.bedrock.asyncClient().converse(Scene.converse(CLAUDE, 100)));
    Throwable metered = seenBy(scene.async.converse(Scene.converse(CLAUDE, 100)));

    assertThat(metered).hasSameClassAs(plain).isInstanceOf(CompletionException.class);
    assertThat(metered.getCause()).isInstanceOf(ValidationException.class);
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  private static Throwable seenBy(CompletableFuture<?> future) throws Exception {
    AtomicReference<Throwable> seen = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    future.whenComplete(
        (value, failure) -> {
          seen.set(failure);
          done.countDown();
        });
    done.await();
    return seen.get();
  }

  @Test
  void cancellingTheFutureCancelsTheCallAndChargesTheEstimate() {
    with(s -> s.budget(ONE_DOLLAR));
    scene.bedrock.on(CLAUDE).reply(Reply.silence());
    CompletableFuture<ConverseResponse> future = scene.async.converse(Scene.converse(CLAUDE, 100));
    awaitRequests(1);

    future.cancel(true);

    awaitUsage();
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Cancelled");
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(future).isCancelled();
  }

  @Test
  void aTimeoutOfTheCallersOwnEndsTheCall() {
    scene.bedrock.on(CLAUDE).reply(Reply.silence());
    CompletableFuture<ConverseResponse> future = scene.async.converse(Scene.converse(CLAUDE, 100));
    awaitRequests(1);

    future.completeExceptionally(new IllegalStateException("the caller has waited enough"));

    awaitUsage();
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void aCallerWhoLeavesWhileTheLedgerIsAskedSendsNothing() {
    CompletableFuture<BudgetDecision> undecided = new CompletableFuture<>();
    with(
        s ->
            s.policy(
                new BudgetPolicy() {
                  @Override
                  public BudgetDecision reserve(MeteredCall call) {
                    throw new AssertionError("asked synchronously");
                  }

                  @Override
                  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
                    return undecided;
                  }
                }));
    CompletableFuture<ConverseResponse> future = scene.async.converse(Scene.converse(CLAUDE, 100));

    future.cancel(true);
    undecided.complete(BudgetDecision.granted());
    awaitUsage();

    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Cancelled");
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void concurrentCallsHaveEventsOfTheirOwn() {
    scene.bedrock.on(CLAUDE).reply(Reply.text("Hi"));

    List<CompletableFuture<ConverseResponse>> calls =
        IntStream.range(0, 40)
            .mapToObj(i -> scene.async.converse(Scene.converse(CLAUDE, 100)))
            .toList();
    calls.forEach(Scene::await);

    assertThat(scene.listener.usages().stream().map(e -> e.call().id()).distinct()).hasSize(40);
  }

  private void awaitRequests(int count) {
    Awaitility.await().until(() -> scene.bedrock.requests().size() >= count);
  }

  private void awaitUsage() {
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
  }
}
