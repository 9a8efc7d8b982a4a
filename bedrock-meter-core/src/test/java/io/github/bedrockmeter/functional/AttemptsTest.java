// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.Reply;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** The SDK tries again by itself; what an earlier attempt may have cost is not lost. */
class AttemptsTest {
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private Scene scene = new Scene(s -> s.countAttempts(true));

  @AfterEach
  void close() {
    scene.close();
  }

  private static ConverseRequest impatient() {
    return Scene.converse(CLAUDE, 100).toBuilder()
        .overrideConfiguration(o -> o.apiCallAttemptTimeout(TIMEOUT))
        .build();
  }

  private void assertChargedBesides(int unanswered, long input, long output) {
    UsageEvent event = scene.listener.usage();
    AttemptFacts attempts = event.attempts();
    assertThat(attempts).isNotNull();
    // A slow machine may time out more than the attempt that was meant to.
    assertThat(attempts.unanswered()).isGreaterThanOrEqualTo(unanswered);
    assertThat(attempts.made()).isGreaterThanOrEqualTo(scene.bedrock.requests().size());
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage().inputTokens())
        .isEqualTo(input + attempts.unanswered() * event.call().estimate().inputTokens());
    assertThat(event.usage().outputTokens()).isEqualTo(output + attempts.unanswered() * 100L);
  }

  @Test
  void anAttemptThatTimedOutAfterItWasSentIsChargedAtItsEstimate() {
    scene.close();
    scene = Scene.unlimited();
    scene
        .bedrock
        .onAnyModel()
        .replies(Reply.silence(), Reply.text("ok").inputTokens(10).outputTokens(20));

    scene.client.converse(impatient());

    assertChargedBesides(1, 10, 20);
  }

  @Test
  void anAsynchronousAttemptToo() {
    scene.close();
    scene = Scene.unlimited();
    scene
        .bedrock
        .onAnyModel()
        .replies(Reply.silence(), Reply.text("ok").inputTokens(10).outputTokens(20));

    // SDK 2.57 now and then ends the second attempt with the timeout of the first one.
    boolean answered =
        scene.async.converse(impatient()).handle((response, failure) -> failure == null).join();

    if (answered) {
      assertChargedBesides(1, 10, 20);
    } else {
      UsageEvent event = scene.listener.usage();
      assertThat(event.charge()).isEqualTo(UsageEvent.Charge.ESTIMATED);
      assertThat(event.usage().outputTokens()).isGreaterThanOrEqualTo(100);
    }
  }

  @Test
  void anAttemptThatBrokeOffIsChargedWhereAttemptsAreCounted() {
    scene
        .bedrock
        .onAnyModel()
        .replies(Reply.reset(), Reply.text("ok").inputTokens(10).outputTokens(20));

    scene.client.converse(Scene.converse(CLAUDE, 100));

    assertChargedBesides(1, 10, 20);
  }

  @Test
  void anAttemptThatWasRefusedCostsNothing() {
    scene
        .bedrock
        .onAnyModel()
        .replies(
            Reply.throttled(),
            Reply.unavailable(),
            Reply.text("ok").inputTokens(10).outputTokens(20));

    scene.client.converse(Scene.converse(CLAUDE, 100));

    UsageEvent event = scene.listener.usage();
    assertThat(event.attempts()).isEqualTo(new AttemptFacts(3, 0));
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.usage().inputTokens()).isEqualTo(10);
  }

  @Test
  void attemptsThatAllFailAreChargedOneByOne() {
    scene
        .bedrock
        .onAnyModel()
        .replies(Reply.reset(), Reply.error(400, "ValidationException", "no"));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(SdkException.class);

    assertThat(scene.listener.usage().attempts()).isEqualTo(new AttemptFacts(2, 1));
    assertThat(scene.listener.usage().usage()).isEqualTo(scene.listener.usage().call().estimate());
  }

  @Test
  void whatNeverConnectedIsNotCharged() {
    scene.close();
    scene = new Scene(s -> s.countAttempts(true));
    try (var nowhere =
        scene
            .bedrock
            .asyncClientBuilder()
            .httpClientBuilder(null)
            .httpClient(new RefusedConnections())
            .build()) {
      assertThatThrownBy(
              () -> scene.meter.wrap(nowhere).converse(Scene.converse(CLAUDE, 100)).join())
          .isInstanceOf(CompletionException.class);
    }

    assertThat(scene.listener.usage().attempts()).isNotNull();
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  /** A connection that is refused at once; of a real one that is noticed when the machine likes. */
  private static final class RefusedConnections implements SdkAsyncHttpClient {
    @Override
    public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
      ConnectException refused = new ConnectException("Connection refused");
      request.responseHandler().onError(refused);
      return CompletableFuture.failedFuture(refused);
    }

    @Override
    public void close() {}
  }

  @Test
  void whatGotNoConnectionFromItsPoolIsNotCharged() {
    scene.bedrock.onAnyModel().reply(Reply.silence());
    var metered =
        scene.meter.wrap(
            scene
                .bedrock
                .asyncClientBuilder()
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry())),
            NettyNioAsyncHttpClient.builder()
                .maxConcurrency(1)
                .connectionAcquisitionTimeout(Duration.ofMillis(100)));
    var first = metered.converse(Scene.converse(CLAUDE, 100));
    Awaitility.await().until(() -> scene.bedrock.requests().size() == 1);

    assertThatThrownBy(() -> metered.converse(Scene.converse(CLAUDE, 100)).join())
        .hasStackTraceContaining("Acquire operation took longer");

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
    first.cancel(true);
    metered.close();
  }

  @Test
  void whatGotNoConnectionFromASyncClientsPoolIsNotCharged() throws Exception {
    scene.bedrock.onAnyModel().reply(Reply.silence());
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (var busy =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry())),
            HttpClientOfTheSdk.withOneConnection())) {
      thread.submit(() -> busy.converse(Scene.converse(CLAUDE, 100)));
      Awaitility.await().until(() -> scene.bedrock.requests().size() == 1);

      assertThatThrownBy(() -> busy.converse(Scene.converse(CLAUDE, 100)))
          .isInstanceOf(SdkException.class);

      assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
    }
    thread.shutdownNow();
  }

  @Test
  void aStreamTellsItsAttemptsItself() {
    scene
        .bedrock
        .onAnyModel()
        .replies(
            Reply.text("some words").chunks(4).failAfterChunks(2, "throttlingException", "slow"),
            Reply.text("ok").inputTokens(10).outputTokens(20));

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse()));

    UsageEvent event = scene.listener.usage();
    assertThat(event.attempts()).isNull();
    assertThat(event.stream().attempts()).isEqualTo(2);
    assertThat(event.usage().outputTokens()).isEqualTo(120);
  }

  @Test
  void withoutTimeoutsNothingIsCounted() {
    scene.close();
    scene = Scene.unlimited();
    scene.bedrock.onAnyModel().reply(Reply.text("ok"));

    scene.client.converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.listener.usage().attempts()).isNull();
  }

  @Test
  void theCallersOwnMetricsStayTold() {
    List<String> told = new ArrayList<>();
    MetricPublisher own =
        new MetricPublisher() {
          @Override
          public void publish(MetricCollection call) {
            told.add(call.name());
          }

          @Override
          public void close() {}
        };
    scene.bedrock.onAnyModel().reply(Reply.text("ok"));
    var client =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .overrideConfiguration(o -> o.addMetricPublisher(own))
                .build());

    client.converse(Scene.converse(CLAUDE, 100));
    client.converse(
        Scene.converse(CLAUDE, 100).toBuilder()
            .overrideConfiguration(o -> o.addMetricPublisher(own))
            .build());

    assertThat(told).containsExactly("ApiCall", "ApiCall");
  }
}
