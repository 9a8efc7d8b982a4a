// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/**
 * The ways in which a naive decorator breaks on the JVM, one test each. Trap 3 (operations that a
 * newer SDK adds) is {@code SdkSurfaceTest}; trap 5 is also proven against the frameworks
 * themselves, in {@code tests/frameworks}.
 */
class JvmTrapsTest {
  private static final Reply THREE_CHUNKS =
      Reply.text("one two three").chunks(3).inputTokens(10).outputTokens(20);

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private UsageEvent usage() {
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return scene.listener.usage();
  }

  @Test
  void trap01aRejectedStreamTellsItsHandlerFirstAndItsFutureNext() {
    scene.close();
    scene = new Scene(s -> s.policy(call -> BudgetDecision.denied("no", "never")));
    List<Boolean> handlerSawTheFutureDone = new CopyOnWriteArrayList<>();
    AtomicInteger told = new AtomicInteger();
    ConverseStreamResponseHandler handler =
        ConverseStreamResponseHandler.builder()
            .onError(failure -> told.incrementAndGet())
            .subscriber(event -> {})
            .build();

    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    handlerSawTheFutureDone.add(told.get() == 1 && future.isCompletedExceptionally());

    assertThat(handlerSawTheFutureDone).containsExactly(true);
    assertThatThrownBy(future::join).hasCauseInstanceOf(BudgetExceededException.class);
  }

  @Test
  void trap01aHandlerThatThrowsWhenRejectedDoesNotHideTheDenial() {
    scene.close();
    scene = new Scene(s -> s.policy(call -> BudgetDecision.denied("no", "never")));
    ConverseStreamResponseHandler handler =
        ConverseStreamResponseHandler.builder()
            .onError(
                failure -> {
                  throw new IllegalStateException("the handler's own bug");
                })
            .subscriber(event -> {})
            .build();

    assertThatThrownBy(
            () -> scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler).join())
        .hasCauseInstanceOf(BudgetExceededException.class);
  }

  @Test
  void trap02consumerOverloadsAreMetered() {
    var body = Scene.invokeClaude(20).body();
    scene.client.converse(r -> r.modelId(CLAUDE).messages(Scene.user("Hello")));
    scene.client.invokeModel(r -> r.modelId(CLAUDE).body(body));
    Scene.await(scene.async.converse(r -> r.modelId(CLAUDE).messages(Scene.user("Hello"))));
    Scene.await(scene.async.invokeModel(r -> r.modelId(CLAUDE).body(body)));
    Scene.await(
        scene.async.converseStream(
            r -> r.modelId(CLAUDE).messages(Scene.user("Hello")), StreamCollector.converse()));
    Scene.await(
        scene.async.invokeModelWithResponseStream(
            r -> r.modelId(CLAUDE).body(body), StreamCollector.invoke()));

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().operation())
        .containsExactly(
            "Converse",
            "InvokeModel",
            "Converse",
            "InvokeModel",
            "ConverseStream",
            "InvokeModelWithResponseStream");
  }

  @Test
  void trap04nothingIsAskedOfTheSdkThatTheOldestOneLacks() {
    // InvokeModelRequest.requestMetadata() is missing in 2.41.34; stamping must not need it.
    scene.client.invokeModel(
        Scene.invokeClaude(20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags("team", "search"))
            .build());

    assertThat(scene.bedrock.requests().get(0).header("x-amzn-bedrock-request-metadata"))
        .hasValue(
            "{\"bedrockMeterCall\":\""
                + scene.listener.usage().call().id()
                + "\",\"team\":\"search\"}");
  }

  @Test
  void trap05aDenialIsNotRetriedByTheSdk() {
    BudgetDecision.Denied denied =
        (BudgetDecision.Denied) BudgetDecision.denied("inner", "no more");
    AtomicInteger attempts = new AtomicInteger();
    BedrockRuntimeClient denying =
        scene
            .bedrock
            .clientBuilder()
            .overrideConfiguration(
                c ->
                    c.addExecutionInterceptor(
                        new ExecutionInterceptor() {
                          @Override
                          public void beforeTransmission(
                              Context.BeforeTransmission context, ExecutionAttributes attributes) {
                            attempts.incrementAndGet();
                            throw new BudgetExceededException(denied);
                          }
                        }))
            .build();

    // The SDK makes a new exception of one that passes through it, to add the attempts.
    assertThatThrownBy(() -> denying.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOfSatisfying(
            BedrockRuntimeException.class, e -> assertThat(e.statusCode()).isEqualTo(402))
        .hasMessageContaining("no more");
    denying.close();

    assertThat(attempts).hasValue(1);
    BudgetExceededException denial = new BudgetExceededException(denied);
    assertThat(denial.isThrottlingException()).isFalse();
    assertThat(denial.isClockSkewException()).isFalse();
    assertThat(denial.retryable()).isFalse();
    assertThat(denial.statusCode()).isEqualTo(402);
  }

  /** A client whose streams a test drives by hand. */
  private static final class HandDriven implements BedrockRuntimeAsyncClient {
    final CompletableFuture<Void> source = new CompletableFuture<>();
    final List<String> upstream = new CopyOnWriteArrayList<>();
    Subscriber<? super ConverseStreamOutput> subscriber;

    @Override
    public CompletableFuture<Void> converseStream(
        ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
      handler.responseReceived(ConverseStreamResponse.builder().build());
      handler.onEventStream(
          SdkPublisher.adapt(
              down -> {
                subscriber = down;
                down.onSubscribe(
                    new Subscription() {
                      @Override
                      public void request(long events) {
                        upstream.add("request " + events);
                      }

                      @Override
                      public void cancel() {
                        upstream.add("cancel");
                      }
                    });
              }));
      return source;
    }

    @Override
    public String serviceName() {
      return "hand-driven";
    }

    @Override
    public void close() {}
  }

  @Test
  void trap06demandAndCancellationPassThrough() {
    HandDriven driven = new HandDriven();
    BedrockRuntimeAsyncClient metered = BedrockMeter.builder().build().wrap(driven);
    StreamCollector.Converse handler = StreamCollector.cancellingAfter(3);

    metered.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    assertThat(driven.upstream).containsExactly("request 1");
    ConverseStreamOutput event =
        ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("word")).build();
    driven.subscriber.onNext(event);
    driven.subscriber.onNext(event);
    driven.subscriber.onNext(event);

    assertThat(driven.upstream).containsExactly("request 1", "request 1", "request 1", "cancel");
    assertThat(handler.events).allSatisfy(seen -> assertThat(seen).isSameAs(event));
  }

  @Test
  void trap07theSettlementComesBeforeTheCallersOwnContinuation() {
    HandDriven driven = new HandDriven();
    RecordingListener listener = new RecordingListener();
    BedrockRuntimeAsyncClient metered =
        BedrockMeter.builder().listener(listener).build().wrap(driven);
    List<List<String>> seenByTheCaller = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> future =
        metered.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse());
    future.whenComplete((done, failure) -> seenByTheCaller.add(List.copyOf(listener.sequence())));

    driven.source.complete(null);

    assertThat(seenByTheCaller).containsExactly(List.of("reserved", "usage:Truncated"));
  }

  @Test
  void trap07cancellingOurFutureCancelsTheSdks() {
    HandDriven driven = new HandDriven();
    BedrockRuntimeAsyncClient metered = BedrockMeter.builder().build().wrap(driven);

    metered
        .converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse())
        .cancel(true);

    assertThat(driven.source).isCancelled();
  }

  @Test
  void trap08anEventThatCannotBeReadDoesNotEndTheStream() {
    Map<String, String> headers = Map.of("Content-Type", "application/vnd.amazon.eventstream");
    byte[] stream = frames("this is no JSON", "{\"type\":\"message_delta\",\"usage\":[[[", "{}");
    scene.bedrock.on(CLAUDE).reply(Reply.recorded(200, headers, stream));
    var handler = StreamCollector.invoke();

    Scene.await(scene.async.invokeModelWithResponseStream(Scene.invokeClaudeStream(100), handler));

    assertThat(handler.events).hasSize(3);
    assertThat(handler.signals).endsWith("end", "complete").doesNotContain("error");
    assertThat(usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  private static byte[] frames(String... chunks) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (String chunk : chunks) {
      Map<String, HeaderValue> headers = new LinkedHashMap<>();
      headers.put(":event-type", HeaderValue.fromString("chunk"));
      headers.put(":content-type", HeaderValue.fromString("application/json"));
      headers.put(":message-type", HeaderValue.fromString("event"));
      String base64 = Base64.getEncoder().encodeToString(chunk.getBytes(StandardCharsets.UTF_8));
      new Message(headers, ("{\"bytes\":\"" + base64 + "\"}").getBytes(StandardCharsets.UTF_8))
          .encode(stream);
    }
    return stream.toByteArray();
  }

  @Test
  void trap09aStreamTheSdkStartsAgainIsSettledOnceWithAReadingForEachAttempt() {
    scene
        .bedrock
        .on(CLAUDE)
        .replies(THREE_CHUNKS.failAfterChunks(1, "internalServerException", "again"), THREE_CHUNKS);

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse()));

    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
    assertThat(usage().stream().attempts()).isEqualTo(2);
  }

  @Test
  void trap10aFutureThatCompletesNormallyProvesNothing() {
    List<Reply> endings = List.of(THREE_CHUNKS.endAfterChunks(1), THREE_CHUNKS.endAfterChunks(0));
    for (Reply ending : endings) {
      scene.bedrock.on(CLAUDE).reply(ending);
      CompletableFuture<Void> future =
          scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse());
      Scene.await(future);
    }
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100), StreamCollector.cancellingAfter(1)));
    ConverseStreamResponseHandler.Visitor throwing =
        ConverseStreamResponseHandler.Visitor.builder()
            .onContentBlockDelta(
                delta -> {
                  throw new IllegalStateException("the caller's own bug");
                })
            .build();
    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100),
            ConverseStreamResponseHandler.builder().subscriber(throwing).build()));

    assertThat(scene.listener.usages())
        .hasSize(4)
        .allSatisfy(
            event -> {
              assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
              assertThat(event.usage()).isEqualTo(event.call().estimate());
              assertThat(event.outcome()).isNotInstanceOf(CallOutcome.Completed.class);
            });
  }

  @Test
  void trap11aHandlerThatNeverSubscribesKeepsItsReservationUntilItIsCancelled() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    var handler = StreamCollector.neverSubscribing();
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    Awaitility.await().until(() -> handler.signals.contains("stream"));
    assertThat(future).isNotDone();

    future.cancel(true);

    assertThat(usage().outcome()).isEqualTo(new CallOutcome.Cancelled());
  }

  @Test
  void trap12aBlockedCallCostsNothingAndIsNotUnknown() {
    scene.bedrock.on(CLAUDE).reply(Reply.text("blocked").guardrailIntervened());

    scene.client.converse(Scene.converse(CLAUDE, 100));
    scene.client.invokeModel(Scene.invokeClaude(100));
    Scene.await(
        scene.async.invokeModelWithResponseStream(
            Scene.invokeClaudeStream(100), StreamCollector.invoke()));

    assertThat(scene.listener.usages())
        .hasSize(3)
        .allSatisfy(
            event -> {
              assertThat(event.usage().totalTokens()).isZero();
              assertThat(event.charge()).isEqualTo(Charge.REPORTED);
            });
  }

  @Test
  void trap13theDefaultHttp2ClientAndAnHttp1ClientAreMeteredAlike() {
    scene.bedrock.on(CLAUDE).reply(THREE_CHUNKS);
    BedrockRuntimeAsyncClient http1 =
        scene.meter.wrap(
            scene
                .bedrock
                .asyncClientBuilder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
                .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(20)))
                .build());

    ConverseResponse over2 = Scene.await(scene.async.converse(Scene.converse(CLAUDE, 100)));
    ConverseResponse over1 = Scene.await(http1.converse(Scene.converse(CLAUDE, 100)));
    http1.close();

    assertThat(over1.output()).isEqualTo(over2.output());
    assertThat(scene.listener.usages())
        .extracting(UsageEvent::usage)
        .containsExactly(Usage.ofTokens(10, 20), Usage.ofTokens(10, 20));
  }
}
