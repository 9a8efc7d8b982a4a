// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;

/** Every row of the table of what a stream can do, over real sockets. */
class StreamsTest {
  private static final Reply THREE_CHUNKS =
      Reply.text("one two three").chunks(3).inputTokens(10).outputTokens(20);

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private UsageEvent endOf(CompletableFuture<?> future) {
    try {
      future.get(20, TimeUnit.SECONDS);
    } catch (Exception expectedByTheTest) {
      assertThat(future).isDone();
    }
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return scene.listener.usage();
  }

  /** Streams to a handler, and answers how that ended. */
  private UsageEvent streamed(StreamCollector.Converse handler) {
    return endOf(scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler));
  }

  @Test
  void aSuccessfulStreamIsReadPricedAndToldBeforeItsFutureCompletes() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.cacheReadTokens(1_000).requestId("req-7"));
    var handler = StreamCollector.converse();

    Scene.await(scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler));

    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.usage().inputTokens()).isEqualTo(10);
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.usage().cacheReadTokens()).isEqualTo(1_000);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0021"));
    assertThat(event.requestId()).isEqualTo("req-7");
    assertThat(event.stream().attempts()).isEqualTo(1);
    assertThat(handler.signals).startsWith("response", "stream").endsWith("end", "complete");
  }

  @Test
  void anInvokeModelStreamIsMeteredToo() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    var handler = StreamCollector.invoke();

    Scene.await(scene.async.invokeModelWithResponseStream(Scene.invokeClaudeStream(100), handler));

    UsageEvent event = scene.listener.usage();
    assertThat(event.call().operation()).isEqualTo("InvokeModelWithResponseStream");
    assertThat(event.usage().inputTokens()).isEqualTo(10);
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
  }

  @Test
  void aHandlerSeesTheSameSignalsAsWithoutTheMeter() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    var plain = StreamCollector.converse();
    var metered = StreamCollector.converse();

    Scene.await(
        scene.bedrock.asyncClient().converseStream(Scene.converseStream(CLAUDE, 100), plain));
    Scene.await(scene.async.converseStream(Scene.converseStream(CLAUDE, 100), metered));

    assertThat(metered.signals).isEqualTo(plain.signals);
    assertThat(metered.events).isEqualTo(plain.events);
  }

  @Test
  void aDeniedStreamTellsItsHandlerAndItsFutureAndIsNeverSent() {
    scene.close();
    scene =
        new Scene(
            s ->
                s.budget(
                    Budget.named("all")
                        .limit(Amount.usd("0.001"))
                        .window(Window.lifetime())
                        .build()));
    var handler = StreamCollector.converse();

    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);

    assertThat(handler.failures).singleElement().isInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(future::join).hasCause(handler.failures.get(0));
    assertThat(handler.signals).containsExactly("exception");
    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("denied");
  }

  @Test
  void a503ThenA200IsOneCallThoughTheHandlerIsToldOfTheFirst() {
    scene.bedrock.on(CLAUDE).replies(Reply.unavailable(), THREE_CHUNKS);
    var handler = StreamCollector.converse();

    UsageEvent event = streamed(handler);

    assertThat(handler.signals).contains("exception").endsWith("complete");
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.stream().attempts()).isEqualTo(1);
  }

  @Test
  void throttledToTheEndIsReleased() {
    scene.bedrock.on(CLAUDE).reply(Reply.throttled());

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.outcome())
        .isInstanceOfSatisfying(
            CallOutcome.Failed.class, f -> assertThat(f.statusCode()).isEqualTo(429));
    assertThat(event.charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void a400IsReleased() {
    scene.bedrock.on(CLAUDE).reply(Reply.error(400, "ValidationException", "no"));

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void aResetBeforeTheResponseIsRetriedAndIsOneCall() {
    scene.bedrock.on(CLAUDE).replies(Reply.reset(), THREE_CHUNKS);

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event.usage().outputTokens()).isEqualTo(20);
  }

  @Test
  void anAttemptThatTheSdkRepeatsIsChargedAtTheEstimateBesidesTheOneThatEnds() {
    scene
        .bedrock
        .on(CLAUDE)
        .replies(THREE_CHUNKS.failAfterChunks(2, "throttlingException", "slow down"), THREE_CHUNKS);
    var handler = StreamCollector.converse();

    UsageEvent event = streamed(handler);

    assertThat(handler.signals).filteredOn("stream"::equals).hasSize(2);
    assertThat(event.stream().attempts()).isEqualTo(2);
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage().outputTokens()).isEqualTo(100 + 20);
    assertThat(event.usage().inputTokens()).isEqualTo(event.call().estimate().inputTokens() + 10);
  }

  @Test
  void aModelErrorInsideTheStreamIsChargedAtTheEstimate() {
    scene
        .bedrock
        .on(CLAUDE)
        .reply(THREE_CHUNKS.failAfterChunks(2, "modelStreamErrorException", "broken"));

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.outcome()).isInstanceOf(CallOutcome.Failed.class);
    assertThat(event.stream().attempts()).isEqualTo(1);
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage()).isEqualTo(event.call().estimate());
  }

  @Test
  void aValidationErrorInPlaceOfAStreamIsReleased() {
    scene
        .bedrock
        .on(CLAUDE)
        .reply(THREE_CHUNKS.failAfterChunks(0, "validationException", "no such thing"));

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void aCorruptFrameIsChargedAtTheEstimate() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.corruptFrameAfterChunks(2));

    UsageEvent event = streamed(StreamCollector.converse());

    assertThat(event.outcome()).isInstanceOf(CallOutcome.Failed.class);
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void aCleanEndBeforeTheMetadataIsTruncatedAndChargedAtTheEstimate() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.endAfterChunks(2));
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse());

    UsageEvent event = endOf(future);

    assertThat(future).isCompleted();
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Truncated());
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage()).isEqualTo(event.call().estimate());
    assertThat(event.anomalies())
        .anySatisfy(anomaly -> assertThat(anomaly.kind()).isEqualTo(Anomaly.Kind.USAGE_MISSING));
  }

  @Test
  void aSocketClosedMidChunkLooksLikeSuccessAndIsChargedAtTheEstimate() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.dropAfterChunks(2));
    try (BedrockRuntimeAsyncClient http1 = http1Client()) {
      CompletableFuture<Void> future =
          http1.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse());

      UsageEvent event = endOf(future);

      assertThat(future).isCompleted();
      assertThat(event.outcome()).isEqualTo(new CallOutcome.Truncated());
      assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    }
  }

  private BedrockRuntimeAsyncClient http1Client() {
    return scene.meter.wrap(
        scene
            .bedrock
            .asyncClientBuilder()
            .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
            .build());
  }

  @Test
  void aCancelledSubscriptionIsChargedAtTheEstimate() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.delayBetweenChunks(Duration.ofMillis(20)));
    var handler = StreamCollector.cancellingAfter(2);
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);

    UsageEvent event = endOf(future);

    assertThat(handler.events).hasSize(2);
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage()).isEqualTo(event.call().estimate());
  }

  @Test
  void aThrowingSubscriberIsTheCallersOwnAffairAndIsCharged() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);

    UsageEvent event = streamed(StreamCollector.throwingAfter(2));

    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void cancellingTheFutureEndsTheStreamAndIsChargedAtTheEstimate() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.delayBetweenChunks(Duration.ofSeconds(5)));
    var handler = StreamCollector.converse();
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    Awaitility.await().until(() -> !handler.events.isEmpty());

    future.cancel(true);

    UsageEvent event = endOf(future);
    assertThat(future).isCancelled();
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    Awaitility.await().until(() -> handler.signals.contains("error"));
  }

  @Test
  void aHandlerThatNeverSubscribesStaysReservedUntilItIsCancelled() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    var handler = StreamCollector.neverSubscribing();
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    Awaitility.await().until(() -> handler.signals.contains("stream"));
    assertThat(scene.listener.sequence()).containsExactly("reserved");

    future.cancel(true);

    assertThat(endOf(future).charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void aVisitorHandlerWorksAsUsual() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    List<String> text = new CopyOnWriteArrayList<>();
    ConverseStreamResponseHandler handler =
        ConverseStreamResponseHandler.builder()
            .subscriber(
                ConverseStreamResponseHandler.Visitor.builder()
                    .onContentBlockDelta(delta -> text.add(delta.delta().text()))
                    .build())
            .build();

    Scene.await(
        scene.async.converseStream(r -> r.modelId(CLAUDE).messages(Scene.user("Hi")), handler));

    assertThat(String.join("", text)).isEqualTo("one two three");
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.REPORTED);
  }

  @Test
  void anAbandonedStreamIsSettledInItsBudget() {
    scene.close();
    scene =
        new Scene(
            s ->
                s.budget(
                    Budget.named("all")
                        .limit(Amount.tokens(10_000))
                        .window(Window.lifetime())
                        .build()));
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS.endAfterChunks(1));

    UsageEvent event = streamed(StreamCollector.converse());

    var status = Scene.await(scene.meter.status()).get(0);
    assertThat(status.held()).isEqualTo(Amount.tokens(0));
    assertThat(status.settled()).isEqualTo(Amount.tokens(event.call().estimate().totalTokens()));
  }

  @Test
  void tagsOfTheCallersThreadReachTheStreamsEvent() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);

    CompletableFuture<Void> future;
    try (var scope = BedrockMeter.openScope(Tags.of("team", "search"))) {
      assertThat(scope).isNotNull();
      future =
          scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse());
    }

    assertThat(endOf(future).call().tags().get("team")).isEqualTo("search");
  }
}
