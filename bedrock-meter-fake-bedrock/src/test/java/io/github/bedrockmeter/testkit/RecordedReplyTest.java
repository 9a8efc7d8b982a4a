// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static io.github.bedrockmeter.testkit.Calls.converse;
import static io.github.bedrockmeter.testkit.Calls.converseStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.testkit.Calls.Collected;
import io.github.bedrockmeter.testkit.Calls.Wire;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.AccessDeniedException;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;

class RecordedReplyTest {

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  @Test
  void bodyAndHeadersAreReplayed() {
    bedrock
        .on(NOVA)
        .reply(
            Reply.recorded(
                200,
                Map.of(
                    "Content-Type", "application/json",
                    "Content-Length", "99999",
                    "Transfer-Encoding", "chunked",
                    "x-amzn-RequestId", "recorded-id"),
                bytes(
                    "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[]}},"
                        + "\"usage\":{\"inputTokens\":3,\"outputTokens\":4,\"totalTokens\":7}}")));

    ConverseResponse response = bedrock.client().converse(converse(NOVA));

    assertThat(response.usage().totalTokens()).isEqualTo(7);
    assertThat(response.responseMetadata().requestId()).isEqualTo("recorded-id");
  }

  @Test
  void errorIsReplayed() {
    bedrock
        .on(NOVA)
        .reply(
            Reply.recorded(
                403,
                Map.of("x-amzn-ErrorType", "AccessDeniedException"),
                bytes("{\"message\":\"You don't have access\"}")));

    assertThatThrownBy(() -> bedrock.client().converse(converse(NOVA)))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("You don't have access");
  }

  @ParameterizedTest
  @EnumSource
  void streamIsReplayedByteForByteAndMayTrickle(Wire wire)
      throws IOException, InterruptedException {
    bedrock.on(NOVA).reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
    HttpResponse<byte[]> recording = post("/model/amazon.nova-lite-v1%3A0/converse-stream");
    bedrock
        .on(NOVA)
        .reply(
            Reply.recorded(
                    200,
                    Map.of("content-type", "application/vnd.amazon.eventstream"),
                    recording.body())
                .trickle(100, Duration.ofMillis(1)));

    HttpResponse<byte[]> replay = post("/model/amazon.nova-lite-v1%3A0/converse-stream");
    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(replay.body()).isEqualTo(recording.body());
      assertThat(stream.text()).isEqualTo("Hello");
      assertThat(stream.usages().get(0).totalTokens()).isEqualTo(30);
    }
  }

  private HttpResponse<byte[]> post(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(bedrock.endpoint().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
