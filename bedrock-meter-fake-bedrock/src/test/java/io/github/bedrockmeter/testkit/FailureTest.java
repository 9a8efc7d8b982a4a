// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static io.github.bedrockmeter.testkit.Calls.converse;
import static io.github.bedrockmeter.testkit.Calls.converseStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bedrockmeter.testkit.Calls.Collected;
import io.github.bedrockmeter.testkit.Calls.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;

class FailureTest {

  private final FakeBedrock bedrock = FakeBedrock.start();
  private final BedrockRuntimeClient client =
      bedrock.clientBuilder().overrideConfiguration(c -> c.retryStrategy(Calls.atOnce())).build();

  @AfterEach
  void close() {
    client.close();
    bedrock.close();
  }

  @Test
  void errorIsTheModelledException() {
    bedrock
        .on(NOVA)
        .reply(Reply.error(400, "ValidationException", "no such thing").requestId("id-1"));

    ValidationException failure =
        catchThrowableOfType(ValidationException.class, () -> client.converse(converse(NOVA)));

    assertThat(failure.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
    assertThat(failure.awsErrorDetails().errorMessage()).isEqualTo("no such thing");
    assertThat(failure.statusCode()).isEqualTo(400);
    assertThat(failure.requestId()).isEqualTo("id-1");
    assertThat(bedrock.requests()).hasSize(1);
  }

  @Test
  void throttledCallIsRetriedBySync() {
    bedrock.on(NOVA).replies(Reply.throttled(), Reply.unavailable(), Reply.text("Hello"));

    // Three attempts is what the SDK's standard strategy allows.
    assertThat(client.converse(converse(NOVA)).usage()).isNotNull();
    assertThat(bedrock.requests()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource
  void throttledCallIsRetriedByAsync(Wire wire) {
    bedrock.on(NOVA).replies(Reply.throttled(), Reply.text("Hello"));

    try (BedrockRuntimeAsyncClient async = wire.client(bedrock)) {
      assertThat(async.converse(converse(NOVA)).join().usage()).isNotNull();
      assertThat(bedrock.requests()).hasSize(2);
    }
  }

  @Test
  void throttlingThatLastsFailsTheCall() {
    bedrock.on(NOVA).reply(Reply.throttled());

    assertThatThrownBy(() -> client.converse(converse(NOVA)))
        .isInstanceOf(ThrottlingException.class);
  }

  @Test
  void resetConnectionIsRetriedBySync() {
    bedrock.on(NOVA).replies(Reply.reset(), Reply.text("Hello"));

    assertThat(client.converse(converse(NOVA)).usage()).isNotNull();
    assertThat(bedrock.requests()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void resetConnectionIsRetriedByAsync(Wire wire) {
    bedrock.on(NOVA).replies(Reply.reset(), Reply.text("Hello"));

    try (BedrockRuntimeAsyncClient async = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(async, converseStream(NOVA));

      assertThat(stream.failure()).isNull();
      assertThat(stream.text()).isEqualTo("Hello");
      assertThat(bedrock.requests()).hasSize(2);
    }
  }

  @Test
  void resetIsATcpReset() throws IOException {
    bedrock.on(NOVA).reply(Reply.reset());

    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), bedrock.endpoint().getPort())) {
      String request = "POST /model/" + NOVA + "/converse HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void droppedStreamEndsInsideAnHttpChunk() throws IOException {
    bedrock.on(NOVA).reply(Reply.text("Hello").dropAfterChunks(0));

    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), bedrock.endpoint().getPort())) {
      String request =
          "POST /model/" + NOVA + "/converse-stream HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String response =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      String body = response.substring(response.indexOf("\r\n\r\n") + 4);
      int announced = Integer.parseInt(body.substring(0, body.indexOf("\r\n")), 16);
      int sent = body.length() - body.indexOf("\r\n") - 2;
      assertThat(sent).isEqualTo(announced / 2);
    }
  }

  @Test
  void droppedBodyFailsACallThatDoesNotStream() {
    bedrock.on(NOVA).reply(Reply.text("Hello").dropAfterChunks(0));

    assertThatThrownBy(() -> client.converse(converse(NOVA)))
        .isInstanceOf(SdkClientException.class);
  }

  @Test
  void silenceLastsUntilTheSyncClientTimesOut() {
    bedrock.on(NOVA).reply(Reply.silence());

    assertThatThrownBy(
            () ->
                client.converse(
                    converse(NOVA).toBuilder()
                        .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMillis(300)))
                        .build()))
        .isInstanceOf(ApiCallTimeoutException.class);
    assertThat(bedrock.requests()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void silenceLastsUntilTheAsyncClientTimesOut(Wire wire) {
    bedrock.on(NOVA).reply(Reply.silence());

    try (BedrockRuntimeAsyncClient async = wire.client(bedrock)) {
      CompletableFuture<ConverseResponse> call =
          async.converse(
              converse(NOVA).toBuilder()
                  .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMillis(300)))
                  .build());

      assertThatThrownBy(call::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(ApiCallTimeoutException.class);
    }
  }

  @Test
  void delayHoldsTheWholeResponse() {
    bedrock.on(NOVA).reply(Reply.text("Hello").delay(Duration.ofMillis(120)));

    long start = System.nanoTime();
    ConverseResponse response = client.converse(converse(NOVA));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(119));
    assertThat(response.metrics().latencyMs()).isEqualTo(120);
  }

  @Test
  void invalidSettingsAreRefusedAtOnce() {
    Reply hello = Reply.text("Hello");

    assertThat(
            List.<ThrowingCallable>of(
                () -> hello.inputTokens(-1),
                () -> hello.cacheWriteTokens("10m", 1),
                () -> hello.chunks(0),
                () -> hello.dropAfterChunks(-1),
                () -> hello.delay(Duration.ofMillis(-1)),
                () -> hello.trickle(0, Duration.ZERO),
                () -> Reply.error(200, "ValidationException", "fine"),
                () -> bedrock.on(NOVA).replies()))
        .allSatisfy(
            nonsense -> assertThatThrownBy(nonsense).isInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void settingsReturnCopies() {
    Reply hello = Reply.text("Hello").inputTokens(1);
    bedrock.on(NOVA).reply(hello);

    assertThatCode(() -> hello.inputTokens(2)).doesNotThrowAnyException();

    assertThat(client.converse(converse(NOVA)).usage().inputTokens()).isEqualTo(1);
  }
}
