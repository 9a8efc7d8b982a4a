// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static io.github.bedrockmeter.testkit.Calls.converse;
import static io.github.bedrockmeter.testkit.Calls.converseStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.testkit.Calls.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InternalServerException;

class FakeBedrockTest {

  private static final String PROFILE_ARN =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  @Test
  void requestIsRecordedAsItArrived() {
    Instant before = Instant.now();

    bedrock.client().converse(converse(NOVA));

    assertThat(bedrock.requests()).hasSize(1);
    ReceivedRequest request = bedrock.requests().get(0);
    assertThat(request.operation()).isEqualTo("Converse");
    assertThat(request.modelId()).isEqualTo(NOVA);
    assertThat(request.path()).isEqualTo("/model/amazon.nova-lite-v1%3A0/converse");
    assertThat(request.header("CONTENT-TYPE")).contains("application/json");
    assertThat(request.headers()).containsKey("authorization");
    assertThat(request.header("absent")).isEmpty();
    assertThat(request.bodyText()).contains("\"Hi\"");
    assertThat(request.body()).isEqualTo(request.bodyText().getBytes(StandardCharsets.UTF_8));
    assertThat(request.receivedAt()).isBetween(before, Instant.now());
  }

  @Test
  void requestsKeepTheirOrderUntilCleared() {
    bedrock.client().converse(converse("a.first"));
    bedrock.asyncClient().converse(converse("b.second")).join();

    assertThat(bedrock.requests())
        .extracting(ReceivedRequest::modelId)
        .containsExactly("a.first", "b.second");
    bedrock.clearRequests();
    assertThat(bedrock.requests()).isEmpty();
  }

  @Test
  void arnIsDecodedFromThePath() {
    bedrock.on(PROFILE_ARN).reply(Reply.text("mine"));

    assertThat(textOf(bedrock.client().converse(converse(PROFILE_ARN)))).isEqualTo("mine");
    assertThat(textOf(bedrock.asyncClient().converse(converse(PROFILE_ARN)).join()))
        .isEqualTo("mine");
    assertThat(bedrock.requests().get(0).path())
        .contains("application-inference-profile%2Fabcdefghijkl");
  }

  @Test
  void unscriptedModelCountsAFourthOfTheRequestsCharacters() {
    ConverseResponse response = bedrock.client().converse(converse("some.model"));

    int characters = bedrock.requests().get(0).bodyText().length();
    assertThat(response.usage().inputTokens()).isEqualTo((characters + 3) / 4);
    assertThat(response.usage().outputTokens()).isEqualTo(16);
  }

  @Test
  void defaultForUnscriptedModelsCanBeReplaced() {
    bedrock.onAnyModel().reply(Reply.text("any"));
    bedrock.on(NOVA).reply(Reply.text("nova"));

    assertThat(textOf(bedrock.client().converse(converse("some.model")))).isEqualTo("any");
    assertThat(textOf(bedrock.client().converse(converse(NOVA)))).isEqualTo("nova");
  }

  @Test
  void lastOfSeveralRepliesRepeats() {
    bedrock.on(NOVA).replies(Reply.text("one"), Reply.text("two"));

    List<String> texts = new ArrayList<>();
    for (int call = 0; call < 4; call++) {
      texts.add(textOf(bedrock.client().converse(converse(NOVA))));
    }

    assertThat(texts).containsExactly("one", "two", "two", "two");
  }

  @Test
  void functionSeesTheRequestItAnswers() {
    bedrock.onAnyModel().reply(request -> Reply.text(request.operation() + request.modelId()));

    assertThat(textOf(bedrock.client().converse(converse("a.b")))).isEqualTo("Conversea.b");
  }

  @Test
  void functionMayHoldItsReplyWhileOthersAreAnswered() {
    CountDownLatch held = new CountDownLatch(1);
    bedrock
        .on(NOVA)
        .reply(
            request -> {
              try {
                held.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Reply.text("at last");
            });

    List<CompletableFuture<ConverseResponse>> waiting = new ArrayList<>();
    for (int call = 0; call < 8; call++) {
      waiting.add(bedrock.asyncClient().converse(converse(NOVA)));
    }
    bedrock.asyncClient().converse(converse("some.model")).join();

    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    held.countDown();
    assertThat(waiting).allSatisfy(call -> assertThat(textOf(call.join())).isEqualTo("at last"));
  }

  @Test
  void failingFunctionIsAServerErrorThatSaysWhy() {
    bedrock
        .on(NOVA)
        .reply(
            request -> {
              throw new IllegalStateException("out of ideas");
            });

    try (BedrockRuntimeClient client = retryingAtOnce()) {
      assertThatThrownBy(() -> client.converse(converse(NOVA)))
          .isInstanceOf(InternalServerException.class)
          .hasMessageContaining("out of ideas");
    }
  }

  @Test
  void unknownPathIsRefusedByName() throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(bedrock.endpoint().resolve("/model/x/unheard-of"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("x-amzn-ErrorType").orElseThrow())
        .startsWith("UnknownOperationException");
    assertThat(response.body()).contains("/model/x/unheard-of");
    assertThat(bedrock.requests().get(0).operation()).isEqualTo("UnknownOperation");
  }

  @Test
  void largeBodiesPassBothWays() {
    String large = "word ".repeat(400_000);
    bedrock.onAnyModel().reply(request -> Reply.text(request.bodyText()));

    byte[] answered =
        bedrock
            .asyncClient()
            .invokeModel(r -> r.modelId(NOVA).body(Calls.json("\"" + large + "\"")))
            .join()
            .body()
            .asByteArray();

    assertThat(answered.length).isGreaterThan(large.length());
  }

  @ParameterizedTest
  @EnumSource
  void closeEndsTheCallsUnderWayAtOnce(Wire wire) throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    bedrock
        .on("some.model")
        .reply(
            request -> {
              arrived.countDown();
              return Reply.silence();
            });
    // A retry would meet a port where nothing listens, which is noticed when the machine likes.
    BedrockRuntimeAsyncClient client = wire.client(bedrock, AwsRetryStrategy.doNotRetry());
    CompletableFuture<ConverseResponse> call = client.converse(converse("some.model"));
    arrived.await();

    long start = System.nanoTime();
    bedrock.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(900));
    assertThat(call)
        .failsWithin(Calls.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .withThrowableOfType(ExecutionException.class);
  }

  @ParameterizedTest
  @EnumSource
  void noBufferIsLeftBehind(Wire wire) {
    Reply hello = Reply.text("Hello").chunks(4);
    Reply[] replies = {
      hello,
      hello.endAfterChunks(1),
      hello.dropAfterChunks(1),
      hello.corruptFrameAfterChunks(1),
      hello.failAfterChunks(1, "validationException", "no"),
      hello.trickle(7, Duration.ofNanos(1000)),
      Reply.error(400, "ValidationException", "no"),
      Reply.reset(),
      hello
    };
    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      for (Reply reply : replies) {
        bedrock.on(NOVA).replies(reply, hello);
        Calls.stream(client, converseStream(NOVA));
      }
    }

    bedrock.close();

    assertThat(bedrock.unreleasedBytes()).isZero();
  }

  @Test
  void closedServerFreesItsPort() throws IOException {
    int port = bedrock.endpoint().getPort();

    bedrock.close();

    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(other.isBound()).isTrue();
    }
  }

  private BedrockRuntimeClient retryingAtOnce() {
    return bedrock
        .clientBuilder()
        .overrideConfiguration(c -> c.retryStrategy(Calls.atOnce()))
        .build();
  }

  private static String textOf(ConverseResponse response) {
    return response.output().message().content().get(0).text();
  }
}
