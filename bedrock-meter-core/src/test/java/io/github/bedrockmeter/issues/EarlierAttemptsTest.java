// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.*;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.*;
import software.amazon.awssdk.core.interceptor.*;
import software.amazon.awssdk.http.*;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** Calls that Bedrock may have billed on an earlier attempt, or has answered, are not released. */
class EarlierAttemptsTest {
  private final RecordingListener listener = new RecordingListener();

  interface Attempt {
    HttpExecuteResponse call() throws IOException;
  }

  private BedrockRuntimeClient client(Attempt attempt, ExecutionInterceptor... interceptors) {
    SdkHttpClient http =
        new SdkHttpClient() {
          @Override
          public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
              @Override
              public HttpExecuteResponse call() throws IOException {
                return attempt.call();
              }

              @Override
              public void abort() {}
            };
          }

          @Override
          public void close() {}
        };
    BedrockRuntimeClient sdk =
        BedrockRuntimeClient.builder()
            .httpClient(http)
            .region(Region.US_EAST_1)
            .overrideConfiguration(
                o -> {
                  for (ExecutionInterceptor interceptor : interceptors) {
                    o.addExecutionInterceptor(interceptor);
                  }
                })
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
            .build();
    return BedrockMeter.builder().listener(listener).build().wrap(sdk);
  }

  private void converse(BedrockRuntimeClient client) {
    assertThat(
            catchThrowable(
                () -> client.converse(r -> r.modelId("m").inferenceConfig(c -> c.maxTokens(100)))))
        .isNotNull();
  }

  /** The first attempt was sent and timed out, the second found no server. */
  @Test
  void anEarlierAttemptThatMayHaveBeenBilledIsCharged() {
    AtomicInteger attempts = new AtomicInteger();
    converse(
        client(
            () -> {
              throw attempts.incrementAndGet() == 1
                  ? new SocketTimeoutException("Read timed out")
                  : new ConnectException("refused");
            }));
    assertThat(attempts.get()).isGreaterThan(1);
    assertThat(listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  /** The same with a throttle at the end. */
  @Test
  void anEarlierAttemptIsChargedThoughTheLastIsThrottled() {
    AtomicInteger attempts = new AtomicInteger();
    converse(
        client(
            () -> {
              if (attempts.incrementAndGet() == 1) {
                throw new SocketTimeoutException("Read timed out");
              }
              return HttpExecuteResponse.builder()
                  .response(
                      SdkHttpResponse.builder()
                          .statusCode(400)
                          .putHeader("x-amzn-ErrorType", "ValidationException")
                          .build())
                  .responseBody(
                      AbortableInputStream.create(
                          new ByteArrayInputStream(
                              "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                  .build();
            }));
    assertThat(listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  /** Bedrock answered 200; then an interceptor of the application failed. */
  @Test
  void anInterceptorThatFailsAfterTheAnswerIsCharged() {
    converse(
        client(
            () ->
                HttpExecuteResponse.builder()
                    .response(SdkHttpResponse.builder().statusCode(200).build())
                    .responseBody(
                        AbortableInputStream.create(
                            new ByteArrayInputStream(
                                "{\"usage\":{\"inputTokens\":1,\"outputTokens\":2}}"
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                    .build(),
            new ExecutionInterceptor() {
              @Override
              public void afterUnmarshalling(
                  Context.AfterUnmarshalling context, ExecutionAttributes attributes) {
                throw new IllegalArgumentException("the application's own bug");
              }
            }));
    assertThat(listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  /** A stream's response was received; then the caller's handler failed. A real client. */
  @Test
  void aHandlerThatFailsAfterTheResponseIsCharged() {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.on("m").reply(Reply.text("one two").chunks(2).inputTokens(10).outputTokens(20));
      Throwable failure =
          catchThrowable(
              () ->
                  BedrockMeter.builder()
                      .listener(listener)
                      .build()
                      .wrap(bedrock.asyncClient())
                      .converseStream(
                          r -> r.modelId("m").inferenceConfig(c -> c.maxTokens(100)),
                          new ManualStreams.Handler() {
                            @Override
                            public void responseReceived(ConverseStreamResponse response) {
                              throw new NullPointerException("the caller's own bug");
                            }
                          })
                      .get(20, java.util.concurrent.TimeUnit.SECONDS));
      assertThat(failure).isNotNull();
      assertThat(listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
    }
  }
}
