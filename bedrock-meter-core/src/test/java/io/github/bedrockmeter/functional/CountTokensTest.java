// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.Estimators;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** Bedrock counts 7 tokens of a prompt whose bound is more, unless a test says otherwise. */
class CountTokensTest {
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456";
  private static final String ROUTER =
      "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1";
  private static final long COUNT = 7;
  private static final long BOUND = Asked.of(Scene.converse(CLAUDE, 100)).bound(1).inputTokens();
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeBedrock bedrock = FakeBedrock.start();

  /** The SDK tries again when it is throttled, which would blur what the estimator asks. */
  private final BedrockRuntimeAsyncClient counter =
      bedrock
          .asyncClientBuilder()
          .overrideConfiguration(c -> c.retryStrategy(DefaultRetryStrategy.doNotRetry()))
          .build();

  private final FakeTime time = FakeTime.at("2026-11-23T21:00:00Z");
  private final RecordingListener listener = new RecordingListener();
  private final BedrockRuntimeClient client =
      meter(Estimators.countTokens(counter, UsageEstimator.bound(), LONG));

  CountTokensTest() {
    answering(Reply.text("").inputTokens(COUNT));
  }

  /** What CountTokens is answered; the call itself is answered as ever. */
  private void answering(Reply count) {
    bedrock
        .onAnyModel()
        .reply(
            request ->
                request.operation().equals("CountTokens")
                    ? count
                    : Reply.text("Hi").inputTokens(COUNT).outputTokens(2));
  }

  private BedrockRuntimeClient meter(UsageEstimator estimator) {
    return BedrockMeter.builder()
        .estimator(estimator)
        .prices(new Profiles())
        .listener(listener)
        .clock(time)
        .nanoClock(time)
        .build()
        .wrap(bedrock.client());
  }

  /** Knows one profile. */
  private static final class Profiles implements PriceBook {
    @Override
    public Cost costOf(PriceKey key, Usage usage) {
      return Scene.PRICES.costOf(key, usage);
    }

    @Override
    public Optional<String> modelOf(String modelId) {
      return modelId.equals(PROFILE) ? Optional.of("us." + CLAUDE) : Optional.empty();
    }
  }

  @AfterEach
  void close() {
    // The server first: a client waits some seconds for each call that is not answered.
    bedrock.close();
    counter.close();
  }

  private long estimateOf(ConverseRequest request) {
    client.converse(request);
    return listener.reserved().get(listener.reserved().size() - 1).estimate().inputTokens();
  }

  private long estimateOf(String text) {
    return estimateOf(Scene.converse(CLAUDE, 100).toBuilder().messages(Scene.user(text)).build());
  }

  private List<String> counted() {
    return bedrock.requests().stream()
        .filter(request -> request.operation().equals("CountTokens"))
        .map(ReceivedRequest::modelId)
        .toList();
  }

  @Test
  void theInputIsBedrocksCountAndTheOutputTheOthersEstimate() {
    client.converse(Scene.converse(CLAUDE, 100));
    client.invokeModel(Scene.invokeClaude(200));

    assertThat(listener.reserved())
        .extracting(call -> call.estimate().inputTokens())
        .containsExactly(COUNT, COUNT);
    assertThat(listener.reserved())
        .extracting(call -> call.estimate().outputTokens())
        .containsExactly(100L, 200L);
    assertThat(listener.reserved())
        .allSatisfy(call -> assertThat(call.bound().inputTokens()).isGreaterThan(COUNT));
  }

  @ParameterizedTest
  @CsvSource({
    CLAUDE,
    "us." + CLAUDE,
    "us-gov." + CLAUDE,
    "arn:aws:bedrock:::foundation-model/" + CLAUDE,
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu." + CLAUDE,
    PROFILE
  })
  void theModelBehindAProfileIsAsked(String modelId) {
    assertThat(estimateOf(Scene.converse(modelId, 100))).isEqualTo(COUNT);
    assertThat(counted()).containsExactly(CLAUDE);
  }

  @Test
  void aModelThatNobodyKnowsIsNotAskedAbout() {
    assertThat(estimateOf(Scene.converse(ROUTER, 100))).isEqualTo(BOUND);
    assertThat(estimateOf(Scene.converse(PROFILE + "x", 100))).isEqualTo(BOUND);
    assertThat(counted()).isEmpty();
  }

  @Test
  void equalContentIsAskedForOnceAnHour() {
    estimateOf("one");
    estimateOf("one");
    assertThat(counted()).hasSize(1);

    estimateOf("two");
    assertThat(counted()).hasSize(2);

    time.advance(Duration.ofMinutes(61));
    assertThat(estimateOf("one")).isEqualTo(COUNT);
    assertThat(counted()).hasSize(3);
  }

  @Test
  void callsWithEqualContentWaitForOneCount() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    bedrock
        .onAnyModel()
        .reply(
            request -> {
              if (request.operation().equals("CountTokens")) {
                asked.countDown();
                await(answer);
              }
              return Reply.text("Hi").inputTokens(COUNT).outputTokens(2);
            });
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(callers.submit(() -> client.converse(Scene.converse(CLAUDE, 100))));
    }
    await(asked);
    answer.countDown();
    for (Future<?> call : calls) {
      call.get();
    }
    callers.shutdown();

    assertThat(counted()).hasSize(1);
    assertThat(listener.reserved())
        .hasSize(8)
        .allSatisfy(call -> assertThat(call.estimate().inputTokens()).isEqualTo(COUNT));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, ValidationException, The provided model doesn't support counting tokens.",
    "400, ValidationException, The provided model identifier is invalid.",
    "403, AccessDeniedException, no",
    "404, ResourceNotFoundException, no"
  })
  void aModelThatBedrockDoesNotCountForIsLeftAloneForTenMinutes(
      int status, String error, String message) {
    answering(Reply.error(status, error, message));
    assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
    assertThat(estimateOf("two")).isEqualTo(BOUND - 2);
    assertThat(counted()).hasSize(1);

    answering(Reply.text("").inputTokens(COUNT));
    time.advance(Duration.ofMinutes(9));
    assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
    time.advance(Duration.ofMinutes(2));
    assertThat(estimateOf("one")).isEqualTo(COUNT);
  }

  @Test
  void aRefusedContentIsNotAskedForAgainAndOthersAre() {
    answering(Reply.error(400, "ValidationException", "tools.0: Input tag 'web_search' ..."));
    assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
    answering(Reply.text("").inputTokens(COUNT));

    assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
    assertThat(estimateOf("two")).isEqualTo(COUNT);
    assertThat(counted()).hasSize(2);
  }

  @Test
  void afterThrottlingTheModelIsLeftAloneTwiceAsLongEachTime() {
    answering(Reply.throttled());
    for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 64, 64}) {
      int before = counted().size();
      assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
      time.advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(estimateOf("one")).isEqualTo(BOUND - 2);
      assertThat(counted()).as("after %d s", seconds).hasSize(before + 1);
      time.advance(Duration.ofMillis(1));
    }

    answering(Reply.text("").inputTokens(COUNT));
    assertThat(estimateOf("one")).isEqualTo(COUNT);
    answering(Reply.unavailable());
    assertThat(estimateOf("two")).isEqualTo(BOUND - 2);
    time.advance(Duration.ofSeconds(1));
    answering(Reply.text("").inputTokens(COUNT));
    assertThat(estimateOf("two")).as("a success ended the doubling").isEqualTo(COUNT);
  }

  @Test
  void aLateCountIsNotWaitedForAndServesTheNextCall() {
    CountDownLatch answer = new CountDownLatch(1);
    bedrock
        .onAnyModel()
        .reply(
            request -> {
              if (request.operation().equals("CountTokens")) {
                await(answer);
              }
              return Reply.text("Hi").inputTokens(COUNT).outputTokens(2);
            });
    BedrockRuntimeClient impatient =
        meter(Estimators.countTokens(counter, UsageEstimator.bound(), Duration.ofMillis(50)));

    impatient.converse(Scene.converse(CLAUDE, 100));
    assertThat(listener.reserved().get(0).estimate().inputTokens()).isEqualTo(BOUND);

    answer.countDown();
    Awaitility.await()
        .until(
            () -> {
              impatient.converse(Scene.converse(CLAUDE, 100));
              int last = listener.reserved().size() - 1;
              return listener.reserved().get(last).estimate().inputTokens() == COUNT;
            });
    assertThat(counted()).hasSize(1);
  }

  @Test
  void anAsynchronousEstimateDoesNotWait() {
    CountDownLatch answer = new CountDownLatch(1);
    bedrock
        .onAnyModel()
        .reply(
            request -> {
              await(answer);
              return Reply.text("").inputTokens(COUNT);
            });
    ConverseRequest request = Scene.converse(CLAUDE, 100);
    Usage bound = Asked.of(request).bound(1);

    CompletableFuture<Usage> estimate =
        Estimators.countTokens(counter, UsageEstimator.bound(), LONG)
            .estimateAsync(request, bound)
            .toCompletableFuture();
    assertThat(estimate).isNotDone();

    answer.countDown();
    assertThat(Scene.await(estimate).inputTokens()).isEqualTo(COUNT);
  }

  @Test
  void whoGoesOnAfterALateCountDoesNotHoldTheTimersThread() {
    bedrock.onAnyModel().reply(Reply.silence());
    ConverseRequest request = Scene.converse(CLAUDE, 100);

    CompletableFuture<String> thread =
        Estimators.countTokens(counter, UsageEstimator.bound(), Duration.ofMillis(50))
            .estimateAsync(request, Asked.of(request).bound(1))
            .thenApply(estimate -> Thread.currentThread().getName())
            .toCompletableFuture();

    assertThat(Scene.await(thread)).doesNotContain("DelayScheduler");
  }

  @Test
  void theOtherEstimatorLearnsFromTheCalls() {
    BedrockRuntimeClient learning =
        meter(Estimators.countTokens(counter, Estimators.calibrated(0.99), LONG));

    for (int i = 0; i < 101; i++) {
      learning.converse(Scene.converse(CLAUDE, 100));
    }

    assertThat(listener.reserved().get(0).estimate().outputTokens()).isEqualTo(100);
    assertThat(listener.reserved().get(100).estimate().outputTokens()).isLessThan(5);
    assertThat(listener.reserved().get(100).estimate().inputTokens()).isEqualTo(COUNT);
  }

  @Test
  void aCountNeedsSomeTime() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Estimators.countTokens(counter, UsageEstimator.bound(), Duration.ZERO));
  }
}
