// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static io.github.bedrockmeter.functional.Scene.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** Clients that cannot be wrapped: the meter's interceptor is all they have. */
class HookedCallsTest {
  private static final Reply ANSWER = Reply.text("one two three").inputTokens(10).outputTokens(20);

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void use(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
  }

  private void allow(long calls) {
    use(
        settings ->
            settings.budget(
                Budget.named("calls")
                    .limit(Amount.requests(calls))
                    .window(Window.lifetime())
                    .build()));
  }

  private BedrockRuntimeClient sync(ExecutionInterceptor... others) {
    return scene
        .bedrock
        .clientBuilder()
        .overrideConfiguration(
            c -> {
              c.addExecutionInterceptor(scene.meter.interceptor());
              List.of(others).forEach(c::addExecutionInterceptor);
            })
        .build();
  }

  private BedrockRuntimeAsyncClient async(ExecutionInterceptor... others) {
    return scene
        .bedrock
        .asyncClientBuilder()
        .overrideConfiguration(
            c -> {
              c.addExecutionInterceptor(scene.meter.interceptor());
              List.of(others).forEach(c::addExecutionInterceptor);
            })
        .build();
  }

  private UsageEvent event() {
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return scene.listener.usage();
  }

  // --- calls that are answered

  @Test
  @SuppressWarnings("try") // the scope is used by being open
  void aSynchronousCallIsMeteredInFull() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("team", "search"))) {
      sync().converse(Scene.converse(CLAUDE, 100));
    }

    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.sent()).isEqualTo(Sent.SEEN);
    assertThat(event.attempts()).isEqualTo(new AttemptFacts(1, 0));
    assertThat(event.call().pricing().region()).isEqualTo("us-east-1");
    assertThat(event.call().tags()).isEqualTo(Tags.of("team", "search"));
    assertThat(event.requestId()).isNotBlank();
    assertThat(event.cost().atLeastUsd()).isEqualByComparingTo("0.0011");
    assertThat(scene.bedrock.requests().get(0).bodyText())
        .contains("bedrockMeterCall")
        .contains(event.call().id())
        .contains("\"team\":\"search\"");
  }

  @TestFactory
  Stream<DynamicTest> everyUnaryOperationIsMetered() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    BedrockRuntimeClient sync = sync();
    BedrockRuntimeAsyncClient async = async();
    return Stream.of(
        unary("Converse", () -> sync.converse(Scene.converse(CLAUDE, 100))),
        unary("Converse", () -> await(async.converse(Scene.converse(CLAUDE, 100)))),
        unary("InvokeModel", () -> sync.invokeModel(Scene.invokeClaude(100))),
        unary("InvokeModel", () -> await(async.invokeModel(Scene.invokeClaude(100)))));
  }

  private DynamicTest unary(String operation, Runnable call) {
    return DynamicTest.dynamicTest(
        operation,
        () -> {
          scene.listener.usages().clear();
          call.run();
          UsageEvent event = scene.listener.usage();
          assertThat(event.call().operation()).isEqualTo(operation);
          assertThat(event.charge()).isEqualTo(Charge.REPORTED);
          assertThat(event.usage().inputTokens()).isEqualTo(10);
          assertThat(event.usage().outputTokens()).isEqualTo(20);
        });
  }

  @Test
  void aCallOfAWrappedClientIsMeteredOnce() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    scene.meter.wrap(sync()).converse(Scene.converse(CLAUDE, 100));
    await(scene.meter.wrap(async()).converse(Scene.converse(CLAUDE, 100)));
    StreamCollector.Converse handler = StreamCollector.converse();
    await(scene.meter.wrap(async()).converseStream(Scene.converseStream(CLAUDE, 100), handler));

    assertThat(scene.listener.usages()).hasSize(3);
    assertThat(scene.listener.reserved()).hasSize(3);
  }

  /** A client of the application's own, which shows nothing of the one it uses. */
  private record Decorated(BedrockRuntimeClient client) implements BedrockRuntimeClient {
    @Override
    public ConverseResponse converse(ConverseRequest request) {
      return client.converse(request);
    }

    @Override
    public String serviceName() {
      return client.serviceName();
    }

    @Override
    public void close() {
      client.close();
    }
  }

  @Test
  void aCallOfAWrappedClientOverAnotherOneIsMeteredOnce() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    scene.meter.wrap(new Decorated(sync())).converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
  }

  @Test
  void aClientOverAWrappedOneIsMeteredOnceWhenItIsWrappedToo() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    BedrockRuntimeClient wrapped = scene.meter.wrap(scene.bedrock.client());
    ConverseRequest request = Scene.converse(CLAUDE, 100);

    scene.meter.wrap(new Decorated(wrapped)).converse(request);
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");

    wrapped.converse(request);
    assertThat(scene.listener.usages()).hasSize(2);
  }

  @Test
  void aThreadForgetsWhatItHandedToAnotherClient() {
    use(settings -> settings.stampCallId(false).stampTags(false));
    scene.bedrock.onAnyModel().reply(ANSWER);
    BedrockRuntimeClient hooked = sync();
    ConverseRequest request = Scene.converse(CLAUDE, 100);

    scene.meter.wrap(new Decorated(hooked)).converse(request);
    hooked.converse(request);

    assertThat(scene.listener.usages()).hasSize(2);
  }

  @Test
  void twoInterceptorsMeterOnce() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    sync(scene.meter.interceptor()).converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
  }

  // --- denials

  @Test
  void aDenialIsThrownOnceAndNothingIsSent() {
    allow(0);

    assertThatThrownBy(() -> sync().converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(BudgetExceededException.class)
        .hasNoCause();

    assertThat(scene.listener.denials()).hasSize(1);
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void aDenialFailsTheFutureOnce() {
    allow(0);

    CompletableFuture<?> future = async().converse(Scene.converse(CLAUDE, 100));

    assertThatThrownBy(future::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(BudgetExceededException.class);
    assertThat(scene.listener.denials()).hasSize(1);
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void aDeniedStreamNotifiesItsHandlerThenItsFuture() {
    allow(0);
    StreamCollector.Converse handler = StreamCollector.converse();

    CompletableFuture<Void> future =
        async().converseStream(Scene.converseStream(CLAUDE, 100), handler);

    assertThatThrownBy(future::join).cause().isInstanceOf(BudgetExceededException.class);
    assertThat(handler.failures).hasSize(1).allMatch(BudgetExceededException.class::isInstance);
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void aBudgetsFallbackIsSentInPlaceOfWhatIsDenied() {
    use(
        settings ->
            settings.budget(
                Budget.named("claude")
                    .limit(Amount.requests(0))
                    .window(Window.lifetime())
                    .when(call -> call.modelId().equals(CLAUDE))
                    .fallback(NOVA)
                    .build()));
    scene.bedrock.onAnyModel().reply(ANSWER);

    sync().converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.listener.usage().call().pricing().modelId()).isEqualTo(NOVA);
    assertThat(scene.bedrock.requests().get(0).modelId()).isEqualTo(NOVA);
  }

  // --- failures

  @Test
  void whatBedrockRefusesIsReleased() {
    scene.bedrock.onAnyModel().reply(Reply.error(400, "ValidationException", "no"));

    assertThatThrownBy(() -> sync().converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(BedrockRuntimeException.class);

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void attemptsThatLeftAndWereNotAnsweredAreCharged() {
    scene.bedrock.onAnyModel().replies(Reply.reset(), Reply.throttled(), ANSWER);

    sync().converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.listener.usage().attempts()).isEqualTo(new AttemptFacts(3, 1));
    assertThat(scene.listener.usage().usage().outputTokens()).isEqualTo(20 + 100);
    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.SEEN);
  }

  @Test
  void refusedConnectionsCostNothing() {
    BedrockRuntimeClient client =
        scene
            .bedrock
            .clientBuilder()
            .endpointOverride(URI.create("http://127.0.0.1:1"))
            .overrideConfiguration(c -> c.addExecutionInterceptor(scene.meter.interceptor()))
            .build();

    assertThatThrownBy(() -> client.converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(SdkClientException.class);

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.SEEN);
  }

  /** An older SDK may report that it got no connection in time: that is charged, as ever. */
  @Test
  void connectionsOfAnAsynchronousClientThatTheSdkReportsAsRefusedCostNothing() {
    BedrockRuntimeAsyncClient client =
        scene
            .bedrock
            .asyncClientBuilder()
            .endpointOverride(URI.create("http://127.0.0.1:1"))
            .overrideConfiguration(c -> c.addExecutionInterceptor(scene.meter.interceptor()))
            .build();

    Throwable failure = catchThrowable(() -> client.converse(Scene.converse(CLAUDE, 100)).join());

    boolean isRefused = failure.getCause().getCause() instanceof ConnectException;
    assertThat(event().charge()).isEqualTo(isRefused ? Charge.RELEASED : Charge.ESTIMATED);
    assertThat(event().sent()).isEqualTo(Sent.INFERRED);
  }

  /** An earlier attempt whose end no interceptor sees: it may have been billed. */
  @Test
  void attemptsOfAnAsynchronousCallThatBrokeOffAreCharged() {
    scene.bedrock.onAnyModel().replies(Reply.reset(), Reply.throttled(), ANSWER);

    await(async().converse(Scene.converse(CLAUDE, 100)));

    assertThat(event().attempts()).isEqualTo(new AttemptFacts(3, 1));
    assertThat(event().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event().sent()).isEqualTo(Sent.INFERRED);
  }

  @Test
  void anAnswerOnWhichAnotherInterceptorFailsIsChargedAsReported() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    ExecutionInterceptor failing =
        new ExecutionInterceptor() {
          @Override
          public void afterExecution(Context.AfterExecution context, ExecutionAttributes none) {
            throw new IllegalStateException("the application's own bug");
          }
        };

    assertThatThrownBy(() -> sync(failing).converse(Scene.converse(CLAUDE, 100)))
        .hasMessageContaining("own bug");

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.REPORTED);
    assertThat(scene.listener.usage().usage().outputTokens()).isEqualTo(20);
  }

  @Test
  void whatAnotherInterceptorChangesIsPricedAsSent() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    ExecutionInterceptor swapping =
        new ExecutionInterceptor() {
          @Override
          public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes none) {
            return ((ConverseRequest) context.request()).toBuilder().modelId(CLAUDE).build();
          }
        };

    sync(swapping).converse(Scene.converse(NOVA, 100));

    assertThat(scene.listener.usage().cost().atLeastUsd()).isEqualByComparingTo("0.0011");
    assertThat(scene.listener.usage().anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.MORE_THAN_ADMITTED);
  }

  // --- calls whose end the SDK does not report

  private static final AwsCredentialsProvider NO_CREDENTIALS =
      () -> {
        throw new IllegalStateException("the credentials service is down");
      };

  /** An older SDK fails before the call is admitted, so that there is nothing to release. */
  @Test
  void aSynchronousCallWithoutCredentialsKeepsNothing() {
    BedrockRuntimeClient client =
        scene
            .bedrock
            .clientBuilder()
            .credentialsProvider(NO_CREDENTIALS)
            .overrideConfiguration(c -> c.addExecutionInterceptor(scene.meter.interceptor()))
            .build();

    assertThatThrownBy(() -> client.converse(Scene.converse(CLAUDE, 100)))
        .hasMessageContaining("credentials");

    assertThat(scene.meter.openCalls()).isEmpty();
    assertThat(scene.listener.usages())
        .hasSameSizeAs(scene.listener.reserved())
        .allMatch(event -> event.charge() == Charge.RELEASED);
  }

  @Test
  void anAsynchronousCallWithoutCredentialsKeepsNothingWhenItIsFound() {
    BedrockRuntimeAsyncClient client =
        scene
            .bedrock
            .asyncClientBuilder()
            .credentialsProvider(NO_CREDENTIALS)
            .overrideConfiguration(c -> c.addExecutionInterceptor(scene.meter.interceptor()))
            .build();

    assertThatThrownBy(() -> client.converse(Scene.converse(CLAUDE, 100)).join())
        .hasMessageContaining("credentials");

    if (!scene.listener.reserved().isEmpty()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                System.gc();
                client.converse(Scene.converse(CLAUDE, 100));
                return !scene.listener.usages().isEmpty();
              });
    }
    assertThat(scene.listener.usages()).allMatch(event -> event.charge() == Charge.RELEASED);
  }

  @Test
  void aCancelledAsynchronousCallIsChargedWhenItIsFound() {
    scene.bedrock.on(CLAUDE).reply(Reply.silence());
    scene.bedrock.on(NOVA).reply(ANSWER);
    BedrockRuntimeAsyncClient client = async();

    CompletableFuture<?> future = client.converse(Scene.converse(CLAUDE, 100));
    Awaitility.await().until(() -> !scene.bedrock.requests().isEmpty());
    future.cancel(true);
    future = null;

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              await(client.converse(Scene.converse(NOVA, 100)));
              return scene.listener.usages().stream()
                  .anyMatch(event -> event.call().modelId().equals(CLAUDE));
            });
    UsageEvent lost =
        scene.listener.usages().stream()
            .filter(event -> event.call().modelId().equals(CLAUDE))
            .findFirst()
            .orElseThrow();
    assertThat(lost.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(lost.usage().outputTokens()).isEqualTo(100);
  }

  @Test
  void aTimeoutOfASynchronousCallIsCharged() {
    scene.bedrock.onAnyModel().reply(Reply.silence());

    assertThatThrownBy(
            () ->
                sync()
                    .converse(
                        Scene.converse(CLAUDE, 100).toBuilder()
                            .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(1)))
                            .build()))
        .isInstanceOf(SdkClientException.class);

    assertThat(event().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event().usage().outputTokens()).isEqualTo(100);
  }
}
