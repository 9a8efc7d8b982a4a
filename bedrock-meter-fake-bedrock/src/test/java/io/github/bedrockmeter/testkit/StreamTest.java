// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.CLAUDE;
import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static io.github.bedrockmeter.testkit.Calls.converseStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.testkit.Calls.Collected;
import io.github.bedrockmeter.testkit.Calls.Wire;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ModelStreamErrorException;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

class StreamTest {

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  @ParameterizedTest
  @EnumSource
  void converseStreamEndsWithItsUsage(Wire wire) {
    bedrock
        .on(NOVA)
        .reply(
            Reply.text("Hello, wörld 🌍")
                .chunks(2)
                .inputTokens(10)
                .outputTokens(20)
                .cacheReadTokens(5)
                .serviceTier("priority"));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isNull();
      assertThat(stream.types())
          .containsExactly(
              "messageStart",
              "contentBlockDelta",
              "contentBlockDelta",
              "contentBlockStop",
              "messageStop",
              "metadata");
      assertThat(stream.text()).isEqualTo("Hello, wörld 🌍");
      assertThat(stream.usages())
          .extracting(
              TokenUsage::inputTokens, TokenUsage::outputTokens, TokenUsage::cacheReadInputTokens)
          .containsExactly(tuple(10, 20, 5));
    }
  }

  @ParameterizedTest
  @EnumSource
  void invokeStreamEndsWithInvocationMetrics(Wire wire) throws IOException {
    bedrock.on(NOVA).reply(Reply.text("Hello").inputTokens(10).outputTokens(20).cacheReadTokens(3));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<String> stream = Calls.invokeStream(client, NOVA);

      assertThat(stream.failure()).isNull();
      JsonNode last = new ObjectMapper().readTree(stream.events().get(stream.events().size() - 1));
      JsonNode metrics = last.path("amazon-bedrock-invocationMetrics");
      assertThat(metrics.path("inputTokenCount").asInt()).isEqualTo(10);
      assertThat(metrics.path("outputTokenCount").asInt()).isEqualTo(20);
      assertThat(metrics.path("cacheReadInputTokenCount").asInt()).isEqualTo(3);
      assertThat(last.at("/metadata/usage/outputTokens").asInt()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void throttlingInsideTheStreamIsRetriedFromTheStart(Wire wire) {
    Reply hello = Reply.text("Hello").chunks(3);
    bedrock.on(NOVA).replies(hello.failAfterChunks(1, "throttlingException", "too fast"), hello);

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isNull();
      assertThat(stream.types().stream().filter("contentBlockDelta"::equals)).hasSize(4);
      assertThat(bedrock.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void modelErrorInsideTheStreamEndsTheCall(Wire wire) {
    bedrock
        .on(NOVA)
        .reply(Reply.text("Hello").failAfterChunks(2, "modelStreamErrorException", "broken"));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure())
          .isInstanceOf(ModelStreamErrorException.class)
          .hasMessageContaining("broken");
      assertThat(bedrock.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void exceptionAfterNoChunkIsTheWholeStream(Wire wire) {
    bedrock.on(NOVA).reply(Reply.text("Hello").failAfterChunks(0, "validationException", "no"));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.events()).isEmpty();
      assertThat(stream.failure()).hasMessageContaining("no");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanEndBeforeMetadataLooksLikeSuccessToTheSdk(Wire wire) {
    bedrock.on(NOVA).reply(Reply.text("Hello").endAfterChunks(2));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isNull();
      assertThat(stream.types())
          .containsExactly("messageStart", "contentBlockDelta", "contentBlockDelta");
    }
  }

  @Test
  void droppedHttp1StreamLooksLikeSuccessToTheSdk() {
    bedrock.on(NOVA).reply(Reply.text("Hello").dropAfterChunks(1));

    try (BedrockRuntimeAsyncClient client = Wire.HTTP_1_1.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isNull();
      assertThat(stream.types()).containsExactly("messageStart", "contentBlockDelta");
      assertThat(bedrock.requests()).hasSize(1);
    }
  }

  @Test
  void droppedHttp2StreamIsRetriedAndThenFails() {
    bedrock.on(NOVA).reply(Reply.text("Hello").dropAfterChunks(1));

    try (BedrockRuntimeAsyncClient client = Wire.DEFAULT_HTTP_2.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isInstanceOf(SdkClientException.class);
      assertThat(stream.types()).startsWith("messageStart", "contentBlockDelta");
      assertThat(stream.types()).doesNotContain("metadata");
      assertThat(bedrock.requests()).hasSizeGreaterThan(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void corruptFrameFailsTheCall(Wire wire) {
    bedrock.on(NOVA).reply(Reply.text("Hello").corruptFrameAfterChunks(1));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.failure()).isInstanceOf(SdkClientException.class);
      assertThat(stream.types()).containsExactly("messageStart", "contentBlockDelta");
      assertThat(bedrock.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void chunksAreSentWithPausesBetweenThem(Wire wire) {
    bedrock.on(NOVA).reply(Reply.text("abc").chunks(3).delayBetweenChunks(Duration.ofMillis(40)));

    try (BedrockRuntimeAsyncClient client = wire.client(bedrock)) {
      long start = System.nanoTime();
      Collected<ConverseStreamOutput> stream = Calls.stream(client, converseStream(NOVA));

      assertThat(stream.text()).isEqualTo("abc");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(79));
    }
  }

  @ParameterizedTest
  @CsvSource({
    CLAUDE + ", 8",
    NOVA + ", 7",
    "amazon.titan-text-express-v1, 4",
    "meta.llama3-70b-instruct-v1:0, 4",
    "openai.gpt-oss-120b-1:0, 4"
  })
  void everyFamilyStreamsItsShape(String modelId, int chunks) {
    bedrock.on(modelId).reply(Reply.text("Hello").inputTokens(10).outputTokens(20));

    Collected<String> stream = Calls.invokeStream(bedrock.asyncClient(), modelId);

    assertThat(stream.events()).hasSize(chunks);
    assertThat(stream.events().get(chunks - 1))
        .contains(
            "\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":10,\"outputTokenCount\":20");
  }
}
