// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;

/** Streams of a client that has the meter's interceptor, and is not wrapped. */
class HookedStreamsTest {
  private static final Reply ANSWER =
      Reply.text("one two three four").chunks(4).inputTokens(10).outputTokens(20);
  private static final Reply SLOW = ANSWER.delayBetweenChunks(Duration.ofMillis(20));

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private BedrockRuntimeAsyncClient client() {
    return scene
        .bedrock
        .asyncClientBuilder()
        .overrideConfiguration(c -> c.addExecutionInterceptor(scene.meter.interceptor()))
        .build();
  }

  private CompletableFuture<Void> converse(StreamCollector.Converse handler) {
    return client().converseStream(Scene.converseStream(CLAUDE, 100), handler);
  }

  private UsageEvent event() {
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return scene.listener.usage();
  }

  @Test
  void aStreamIsMeteredByItsBytesBeforeItsFutureCompletes() {
    scene.bedrock.onAnyModel().reply(ANSWER.cacheReadTokens(1_700).cacheWriteTokens("1h", 310));
    StreamCollector.Converse handler = StreamCollector.converse();

    await(converse(handler));

    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.usage().cacheReadTokens()).isEqualTo(1_700);
    assertThat(event.usage().cacheWrite1hTokens()).isEqualTo(310);
    assertThat(event.requestId()).isNotBlank();
    assertThat(event.stream().attempts()).isEqualTo(1);
    assertThat(event.stream().firstChunkNanos()).isNotNull();
  }

  @Test
  void anInvokeModelStreamIsMeteredByItsBytes() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    StreamCollector.Invoke handler = StreamCollector.invoke();

    await(client().invokeModelWithResponseStream(Scene.invokeClaudeStream(100), handler));

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.REPORTED);
    assertThat(scene.listener.usage().usage()).isEqualTo(Usage.ofTokens(10, 20));
  }

  /** What the handler sees with the interceptor, and without. */
  @TestFactory
  Stream<DynamicTest> theHandlerSeesWhatItSeesWithoutTheMeter() {
    return Map.of(
            "answered", List.of(ANSWER),
            "in one byte at a time", List.of(ANSWER.trickle(1, Duration.ZERO)),
            "ended early", List.of(ANSWER.endAfterChunks(2)),
            "broken checksum", List.of(ANSWER.corruptFrameAfterChunks(2)),
            "error inside, then answered",
                List.of(ANSWER.failAfterChunks(2, "throttlingException", "slow down"), ANSWER),
            "error inside", List.of(ANSWER.failAfterChunks(2, "validationException", "no")),
            "refused", List.of(Reply.error(400, "ValidationException", "no")))
        .entrySet()
        .stream()
        .map(
            replies ->
                DynamicTest.dynamicTest(
                    replies.getKey(),
                    () ->
                        assertThat(signals(client(), replies.getValue()))
                            .isEqualTo(signals(scene.bedrock.asyncClient(), replies.getValue()))));
  }

  private List<String> signals(BedrockRuntimeAsyncClient client, List<Reply> replies) {
    scene.bedrock.on(CLAUDE).replies(replies.toArray(Reply[]::new));
    StreamCollector.Converse handler = StreamCollector.converse();
    client
        .converseStream(Scene.converseStream(CLAUDE, 100), handler)
        .handle((nothing, failure) -> handler.signals.add(failure == null ? "done" : "failed"))
        .join();
    return handler.signals;
  }

  @Test
  void aStreamThatIsThrottledThenAnsweredIsChargedAsReported() {
    scene.bedrock.on(CLAUDE).replies(Reply.throttled(), ANSWER);

    await(converse(StreamCollector.converse()));

    assertThat(event().charge()).isEqualTo(Charge.REPORTED);
    assertThat(event().outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event().usage()).isEqualTo(Usage.ofTokens(10, 20));
    assertThat(event().cost().atLeastUsd()).isEqualByComparingTo("0.0011");
    assertThat(event().stream().attempts()).isEqualTo(1);
    assertThat(scene.bedrock.requests()).hasSize(2);
  }

  @Test
  void aStreamThatBedrockRefusesIsReleased() {
    scene.bedrock.on(CLAUDE).reply(Reply.error(400, "ValidationException", "no"));

    assertThatThrownBy(() -> converse(StreamCollector.converse()).join());

    assertThat(event().charge()).isEqualTo(Charge.RELEASED);
    assertThat(event().outcome()).isInstanceOf(CallOutcome.Failed.class);
    assertThat(event().cost().atLeastUsd()).isEqualByComparingTo("0");
  }

  @Test
  void eachAttemptOfAStreamThatTheSdkStartsAgainIsCharged() {
    scene
        .bedrock
        .on(CLAUDE)
        .replies(ANSWER.failAfterChunks(3, "throttlingException", "slow down"), ANSWER);

    await(converse(StreamCollector.converse()));

    assertThat(event().stream().attempts()).isEqualTo(2);
    assertThat(event().stream().attemptsWithOutput()).isEqualTo(2);
    assertThat(event().usage().outputTokens()).isEqualTo(100 + 20);
  }

  @Test
  void aStreamThatFailsIsChargedForWhatItBegan() {
    scene.bedrock.on(CLAUDE).reply(ANSWER.failAfterChunks(2, "validationException", "no"));

    assertThatThrownBy(() -> converse(StreamCollector.converse()).join());

    assertThat(event().outcome()).isInstanceOf(CallOutcome.Failed.class);
    assertThat(event().usage()).isEqualTo(event().call().estimate());
  }

  @Test
  void aStreamThatEndsBeforeItsUsageIsTruncated() {
    scene.bedrock.on(CLAUDE).reply(ANSWER.endAfterChunks(2));

    await(converse(StreamCollector.converse()));

    assertThat(scene.listener.usage().outcome()).isEqualTo(new CallOutcome.Truncated());
    assertThat(scene.listener.usage().usage()).isEqualTo(event().call().estimate());
  }

  @Test
  void aStreamWhoseBytesAreBrokenIsChargedAtItsEstimate() {
    scene.bedrock.on(CLAUDE).reply(ANSWER.corruptFrameAfterChunks(2));

    assertThatThrownBy(() -> converse(StreamCollector.converse()).join());

    assertThat(event().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event().usage().outputTokens()).isGreaterThanOrEqualTo(100);
  }

  private void with(AbandonedStreams rule) {
    scene.close();
    scene = new Scene(settings -> settings.abandonedStreams(rule));
    scene.bedrock.on(CLAUDE).reply(SLOW);
  }

  @Test
  void aCancelledStreamIsChargedAtItsEstimate() {
    with(AbandonedStreams.HOLD_WORST_CASE);

    await(converse(StreamCollector.cancellingAfter(2)));

    assertThat(event().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event().usage()).isEqualTo(event().call().estimate());
    assertThat(event().stream().abandoned()).isEqualTo(AbandonedStreams.HOLD_WORST_CASE);
  }

  @Test
  void aCancelledStreamIsChargedForWhatItDelivered() {
    with(AbandonedStreams.ESTIMATE_FROM_DELIVERED);

    await(converse(StreamCollector.cancellingAfter(3)));

    assertThat(event().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event().usage().outputTokens()).isBetween(1L, 99L);
  }

  @Test
  void aCancelledStreamIsReadOnForItsUsage() {
    with(AbandonedStreams.DRAIN);
    StreamCollector.Converse handler = StreamCollector.cancellingAfter(2);

    await(converse(handler));

    assertThat(event().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event().charge()).isEqualTo(Charge.REPORTED);
    assertThat(event().usage()).isEqualTo(Usage.ofTokens(10, 20));
    assertThat(handler.signals).containsExactly("response", "stream", "event", "event");
  }

  @Test
  void aCallerThatThrowsIsChargedAsOneThatLeaves() {
    with(AbandonedStreams.HOLD_WORST_CASE);

    converse(StreamCollector.throwingAfter(2)).handle((nothing, failure) -> true).join();

    assertThat(event().usage().outputTokens()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void aStreamWhoseFutureIsCancelledIsCharged() {
    with(AbandonedStreams.HOLD_WORST_CASE);
    scene.bedrock.on(CLAUDE).reply(SLOW.delayBetweenChunks(Duration.ofMillis(200)));
    StreamCollector.Converse handler = StreamCollector.converse();
    CompletableFuture<Void> future = converse(handler);
    Awaitility.await().until(() -> !handler.events.isEmpty());

    future.cancel(true);

    assertThat(event().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event().usage()).isEqualTo(event().call().estimate());
  }

  /** Begins a stream, ends it, and keeps nothing but a weak reference to its request. */
  private WeakReference<ConverseStreamRequest> ended(
      BedrockRuntimeAsyncClient client, StreamCollector.Converse handler, boolean cancels) {
    ConverseStreamRequest request = Scene.converseStream(CLAUDE, 100);
    CompletableFuture<Void> future = client.converseStream(request, handler);
    if (cancels) {
      Awaitility.await().until(() -> !handler.events.isEmpty());
      future.cancel(true);
    } else {
      await(future);
    }
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return new WeakReference<>(request);
  }

  private static void assertCollected(WeakReference<?> request) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              return request.refersTo(null);
            });
  }

  @Test
  void aStreamWhoseFutureIsCancelledIsForgotten() {
    with(AbandonedStreams.HOLD_WORST_CASE);
    scene.bedrock.on(CLAUDE).reply(SLOW.delayBetweenChunks(Duration.ofMillis(200)));
    BedrockRuntimeAsyncClient client = client();

    assertCollected(ended(client, StreamCollector.converse(), true));
    assertThat(scene.meter.openCalls()).isEmpty();
  }

  @Test
  void aStreamThatWasReadOnIsForgotten() {
    with(AbandonedStreams.DRAIN);
    BedrockRuntimeAsyncClient client = client();

    assertCollected(ended(client, StreamCollector.cancellingAfter(2), false));
    assertThat(scene.meter.openCalls()).isEmpty();
  }

  @Test
  void aStreamThatRunsOutOfTimeIsCharged() {
    with(AbandonedStreams.HOLD_WORST_CASE);
    scene.bedrock.on(CLAUDE).reply(SLOW.delayBetweenChunks(Duration.ofMillis(900)));
    StreamCollector.Converse handler = StreamCollector.converse();

    assertThatThrownBy(
            () ->
                client()
                    .converseStream(
                        Scene.converseStream(CLAUDE, 100).toBuilder()
                            .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(2)))
                            .build(),
                        handler)
                    .join())
        .hasCauseInstanceOf(ApiCallTimeoutException.class);

    assertThat(event().outcome()).isInstanceOf(CallOutcome.Failed.class);
    assertThat(event().usage().outputTokens()).isGreaterThanOrEqualTo(100);
  }
}
