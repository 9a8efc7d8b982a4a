// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.CLAUDE;
import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;

class InvokeModelTest {

  private static final Reply HELLO =
      Reply.text("Hello").inputTokens(10).outputTokens(20).cacheReadTokens(5);

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  @ParameterizedTest
  @CsvSource({
    "us.anthropic.claude-sonnet-4-20250514-v1:0, /content/0/text, /usage/output_tokens",
    "us.amazon.nova-pro-v1:0, /output/message/content/0/text, /usage/outputTokens",
    "amazon.titan-text-lite-v1, /results/0/outputText, /results/0/tokenCount",
    "meta.llama3-70b-instruct-v1:0, /generation, /generation_token_count",
    "openai.gpt-oss-120b-1:0, /choices/0/message/content, /usage/completion_tokens",
  })
  void everyFamilyAnswersInItsShapeAndInHeaders(String modelId, String text, String output) {
    bedrock.on(modelId).reply(HELLO);

    InvokeModelResponse response = invoke(modelId);

    assertThat(json(response).at(text).asText()).isEqualTo("Hello");
    assertThat(json(response).at(output).asInt()).isEqualTo(20);
    assertThat(header(response, "X-Amzn-Bedrock-Input-Token-Count")).isEqualTo("10");
    assertThat(header(response, "X-Amzn-Bedrock-Output-Token-Count")).isEqualTo("20");
    assertThat(header(response, "X-Amzn-Bedrock-Cache-Read-Input-Token-Count")).isEqualTo("5");
    assertThat(header(response, "X-Amzn-Bedrock-Cache-Write-Input-Token-Count")).isNull();
    assertThat(header(response, "X-Amzn-Bedrock-Invocation-Latency")).isNotNull();
  }

  @Test
  void embeddingsCountTheirInputOnly() {
    bedrock.on("amazon.titan-embed-text-v2:0").reply(Reply.text("").inputTokens(7));

    InvokeModelResponse response = invoke("amazon.titan-embed-text-v2:0");

    assertThat(json(response).path("embedding").size()).isPositive();
    assertThat(json(response).path("inputTextTokenCount").asInt()).isEqualTo(7);
    assertThat(header(response, "X-Amzn-Bedrock-Input-Token-Count")).isEqualTo("7");
    assertThat(header(response, "X-Amzn-Bedrock-Output-Token-Count")).isNull();
  }

  @Test
  void embeddingsDoNotStream() {
    Throwable failure =
        Calls.invokeStream(bedrock.asyncClient(), "amazon.titan-embed-text-v2:0").failure();

    assertThat(failure).isInstanceOf(ValidationException.class);
  }

  @Test
  void anthropicReportsCacheWritesByTimeToLiveAndTheirSumInAHeader() {
    bedrock.on(CLAUDE).reply(HELLO.cacheWriteTokens("1h", 3).cacheWriteTokens("5m", 4));

    InvokeModelResponse response = invoke(CLAUDE);

    JsonNode usage = json(response).path("usage");
    assertThat(usage.path("cache_creation_input_tokens").asInt()).isEqualTo(7);
    assertThat(usage.at("/cache_creation/ephemeral_1h_input_tokens").asInt()).isEqualTo(3);
    assertThat(usage.at("/cache_creation/ephemeral_5m_input_tokens").asInt()).isEqualTo(4);
    assertThat(usage.path("cache_read_input_tokens").asInt()).isEqualTo(5);
    assertThat(header(response, "X-Amzn-Bedrock-Cache-Write-Input-Token-Count")).isEqualTo("7");
    assertThat(json(response).path("model").asText()).isEqualTo("claude-haiku-4-5-20251001");
  }

  @Test
  void usageCanBeMissingFromBodyAndHeaders() {
    bedrock.on(NOVA).reply(HELLO.withoutUsage());

    InvokeModelResponse response = invoke(NOVA);

    assertThat(json(response).has("usage")).isFalse();
    assertThat(header(response, "X-Amzn-Bedrock-Input-Token-Count")).isNull();
    assertThat(header(response, "X-Amzn-Bedrock-Cache-Read-Input-Token-Count")).isNull();
  }

  @Test
  void tierAndLatencyAreHeaders() {
    bedrock.on(NOVA).reply(HELLO.serviceTier("flex").performanceLatency("optimized"));

    InvokeModelResponse response = invoke(NOVA);

    assertThat(response.serviceTierAsString()).isEqualTo("flex");
    assertThat(response.performanceConfigLatencyAsString()).isEqualTo("optimized");
  }

  @Test
  void blockedPromptHasNoCountHeaders() {
    bedrock.on(CLAUDE).reply(Reply.text("Not here.").guardrailIntervened());

    InvokeModelResponse response = invoke(CLAUDE);

    assertThat(json(response).path("amazon-bedrock-guardrailAction").asText())
        .isEqualTo("INTERVENED");
    assertThat(json(response).at("/usage/input_tokens").asInt(-1)).isZero();
    assertThat(header(response, "X-Amzn-Bedrock-Input-Token-Count")).isNull();
    assertThat(header(response, "X-Amzn-Bedrock-Invocation-Latency")).isNull();
  }

  @Test
  void blockedOutputIsStillCounted() {
    bedrock.on(CLAUDE).reply(HELLO.guardrailIntervened());

    assertThat(header(invoke(CLAUDE), "X-Amzn-Bedrock-Output-Token-Count")).isEqualTo("20");
  }

  @Test
  void anthropicStreamStartsLowAndEndsWithItsTotal() {
    bedrock.on(CLAUDE).reply(HELLO.chunks(2));

    var chunks = Calls.invokeStream(bedrock.asyncClient(), CLAUDE).events();

    assertThat(chunks)
        .extracting(chunk -> json(chunk).path("type").asText())
        .containsExactly(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(json(chunks.get(0)).at("/message/usage/input_tokens").asInt()).isEqualTo(10);
    assertThat(json(chunks.get(0)).at("/message/usage/output_tokens").asInt()).isEqualTo(1);
    assertThat(json(chunks.get(5)).at("/usage/output_tokens").asInt()).isEqualTo(20);
  }

  @Test
  void blockedStreamHasNoInvocationMetrics() {
    bedrock.on(CLAUDE).reply(Reply.text("Not here.").guardrailIntervened());

    var chunks = Calls.invokeStream(bedrock.asyncClient(), CLAUDE).events();

    assertThat(chunks.get(chunks.size() - 1))
        .contains("\"amazon-bedrock-guardrailAction\":\"INTERVENED\"");
    assertThat(chunks).noneMatch(chunk -> chunk.contains("invocationMetrics"));
  }

  private InvokeModelResponse invoke(String modelId) {
    return bedrock.client().invokeModel(r -> r.modelId(modelId).body(Calls.json("{}")));
  }

  private static @Nullable String header(InvokeModelResponse response, String name) {
    return response.sdkHttpResponse().firstMatchingHeader(name).orElse(null);
  }

  private static JsonNode json(InvokeModelResponse response) {
    return json(response.body().asUtf8String());
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }
}
