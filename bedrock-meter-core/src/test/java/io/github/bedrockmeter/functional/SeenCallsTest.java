// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.utils.AttributeMap;

/** Clients that are built through the meter, which sees what they send. */
class SeenCallsTest {
  private final Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private static final Reply ANSWER = Reply.text("one").inputTokens(10).outputTokens(20);

  private BedrockRuntimeClient client(ExecutionInterceptor interceptor) {
    return scene.meter.wrap(
        scene
            .bedrock
            .clientBuilder()
            .overrideConfiguration(c -> c.addExecutionInterceptor(interceptor)));
  }

  private static ExecutionInterceptor changing(UnaryOperator<ConverseRequest> change) {
    return new ExecutionInterceptor() {
      @Override
      public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes none) {
        return context.request() instanceof ConverseRequest request
            ? change.apply(request)
            : context.request();
      }
    };
  }

  @Test
  void aModelThatAnInterceptorSwapsIsPricedAsSent() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    try (BedrockRuntimeClient client =
        client(changing(request -> request.toBuilder().modelId(CLAUDE).build()))) {
      client.converse(Scene.converse(NOVA, 100));
    }

    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    // 10 tokens at 10 dollars a million, 20 at 50: Claude's prices, not Nova's.
    assertThat(event.cost().atLeastUsd()).isEqualByComparingTo("0.0011");
    assertThat(event.anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.MORE_THAN_ADMITTED);
  }

  @Test
  void anOutputLimitThatAnInterceptorRaisesIsSaid() {
    scene.bedrock.onAnyModel().reply(Reply.silence());
    try (BedrockRuntimeClient client =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .overrideConfiguration(
                    c ->
                        c.retryStrategy(AwsRetryStrategy.doNotRetry())
                            .apiCallTimeout(Duration.ofSeconds(2))
                            .addExecutionInterceptor(
                                changing(
                                    request ->
                                        request.toBuilder()
                                            .inferenceConfig(i -> i.maxTokens(4_000))
                                            .build()))))) {
      assertThatThrownBy(() -> client.converse(Scene.converse(CLAUDE, 100)))
          .isInstanceOf(SdkClientException.class);
    }

    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage().outputTokens()).isEqualTo(4_000);
    assertThat(event.anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.MORE_THAN_ADMITTED);
  }

  @Test
  void whatAnInterceptorLowersIsNoAnomaly() {
    scene.bedrock.onAnyModel().reply(ANSWER);
    try (BedrockRuntimeClient client =
        client(
            changing(
                request -> request.toBuilder().inferenceConfig(i -> i.maxTokens(50)).build()))) {
      client.converse(Scene.converse(CLAUDE, 100));
    }

    assertThat(scene.listener.usage().anomalies()).isEmpty();
  }

  /** Were it let in, no budget would count it. */
  @Test
  void aModelThatAnInterceptorFillsInIsDeniedBeforeItIsSent() {
    try (BedrockRuntimeClient client =
        client(changing(request -> request.toBuilder().modelId(CLAUDE).build()))) {
      assertThatThrownBy(() -> client.converse(r -> r.messages(Scene.user("Hello"))))
          .isInstanceOf(BudgetExceededException.class)
          .hasMessageContaining("must name a modelId");
    }

    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void eachAttemptThatLeftAndWasNotRefusedIsCharged() {
    scene.bedrock.onAnyModel().replies(Reply.reset(), Reply.throttled(), ANSWER);
    try (BedrockRuntimeClient client = scene.meter.wrap(scene.bedrock.clientBuilder())) {
      client.converse(Scene.converse(CLAUDE, 100));
    }

    UsageEvent event = scene.listener.usage();
    assertThat(event.attempts()).isEqualTo(new AttemptFacts(3, 1));
    assertThat(event.usage().outputTokens()).isEqualTo(20 + 100);
    assertThat(event.sent()).isEqualTo(Sent.SEEN);
  }

  /** HTTP read timeouts hide paid attempts from a client that is wrapped. */
  @Test
  void eachAttemptThatEndsByAReadTimeoutIsCharged() {
    scene.bedrock.onAnyModel().replies(Reply.silence(), Reply.silence(), ANSWER);
    try (BedrockRuntimeClient client =
        scene.meter.wrap(scene.bedrock.clientBuilder(), HttpClientOfTheSdk.withReadTimeout(300))) {
      client.converse(Scene.converse(CLAUDE, 100));
    }

    assertThat(scene.listener.usage().attempts()).isEqualTo(new AttemptFacts(3, 2));
    assertThat(scene.listener.usage().usage().outputTokens()).isEqualTo(20 + 2 * 100);
  }

  @Test
  void refusedConnectionsCostNothingHoweverOftenTheSdkTries() {
    try (BedrockRuntimeClient client =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .endpointOverride(URI.create("http://127.0.0.1:1"))
                .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofSeconds(10))))) {
      assertThatThrownBy(() -> client.converse(Scene.converse(CLAUDE, 100)))
          .isInstanceOf(SdkClientException.class);
    }

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
    assertThat(scene.listener.usage().usage()).isEqualTo(Usage.NONE);
    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.SEEN);
  }

  @Test
  void theBuilderIsLeftAsItWas() {
    BedrockRuntimeClientBuilder builder = scene.bedrock.clientBuilder();
    ClientOverrideConfiguration before = builder.overrideConfiguration();
    scene.meter.wrap(builder).close();

    assertThat(builder.overrideConfiguration().executionInterceptors())
        .isEqualTo(before == null ? List.of() : before.executionInterceptors());
  }

  @Test
  void aBuilderOnWhichAnHttpClientIsSetIsRefused() {
    BedrockRuntimeClientBuilder builder =
        scene.bedrock.clientBuilder().httpClient(new HttpClientOfOurs(new AtomicBoolean()));

    assertThatThrownBy(() -> scene.meter.wrap(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("wrap(clientBuilder, httpClientBuilder)");
  }

  @Test
  void anInstrumentedClientKeepsItsNameAndIsClosedWithItsOwner() {
    AtomicBoolean closed = new AtomicBoolean();
    SdkHttpClient instrumented = scene.meter.instrument(new HttpClientOfOurs(closed));

    assertThat(instrumented.clientName()).isEqualTo("Ours");
    instrumented.close();
    assertThat(closed).isTrue();
  }

  /** For clients that another library builds. */
  @Test
  void anInstrumentedHttpClientMakesAWrappedClientSeen() {
    scene.bedrock.onAnyModel().replies(Reply.reset(), ANSWER);
    SdkHttpClient instrumented =
        scene.meter.instrument(
            HttpClientOfTheSdk.withReadTimeout(30_000).buildWithDefaults(AttributeMap.empty()));
    try (BedrockRuntimeClient client =
        scene.meter.wrap(scene.bedrock.clientBuilder().httpClient(instrumented).build())) {
      client.converse(Scene.converse(CLAUDE, 100));
    }

    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.SEEN);
    assertThat(scene.listener.usage().attempts()).isEqualTo(new AttemptFacts(2, 1));
    instrumented.close();
  }

  private record HttpClientOfOurs(AtomicBoolean closed) implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      throw new AssertionError("nothing is sent");
    }

    @Override
    public String clientName() {
      return "Ours";
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }
}
