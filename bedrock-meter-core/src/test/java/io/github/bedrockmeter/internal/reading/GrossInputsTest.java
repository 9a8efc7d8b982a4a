// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamMetadataEvent;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/** Inputs that include what the cache served and stored. */
class GrossInputsTest {
  private static final String OPENAI = "openai.gpt-5-6-terra";
  private static final Map<String, Long> DISJOINT =
      Map.of("input", 1_856L, "output", 285L, "cacheRead", 2_899L, "cacheWrite.5m", 2_854L);

  @Test
  void whatIsWrittenBeneathPromptTokensDetailsIsNoInput() {
    Reading reading =
        Invoked.model(OPENAI)
            .body(
                "{\"usage\":{\"prompt_tokens\":7609,\"completion_tokens\":285,\"total_tokens\":7894,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":2899,\"cache_write_tokens\":2854},"
                    + "\"completion_tokens_details\":{\"reasoning_tokens\":200}}}")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(DISJOINT);
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void soItIsInTheShapeOfResponses() {
    String usage =
        "\"usage\":{\"input_tokens\":7609,\"output_tokens\":285,\"total_tokens\":7894,"
            + "\"input_tokens_details\":{\"cached_tokens\":2899,\"cache_creation_tokens\":2854},"
            + "\"output_tokens_details\":{\"reasoning_tokens\":200}}";

    Reading body = Invoked.model(OPENAI).headers(7_609, 285).body("{" + usage + "}").read();
    Reading stream =
        Invoked.stream(OPENAI, "{\"type\":\"response.completed\",\"response\":{" + usage + "}}")
            .finish();

    assertThat(Invoked.counts(body)).isEqualTo(DISJOINT);
    assertThat(Invoked.counts(stream)).isEqualTo(DISJOINT);
    assertThat(body.anomalies()).isEmpty();
    assertThat(stream.anomalies()).isEmpty();
  }

  @Test
  void otherNamesOfTheSameFieldsAreKnown() {
    for (String read : new String[] {"cached_tokens", "cache_read_tokens"}) {
      Reading reading =
          Invoked.model(OPENAI)
              .body(
                  "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1,"
                      + "\"prompt_tokens_details\":{\""
                      + read
                      + "\":4}}}")
              .read();

      assertThat(Invoked.counts(reading))
          .isEqualTo(Map.of("input", 6L, "output", 1L, "cacheRead", 4L));
    }
    assertThat(
            Invoked.counts(
                Invoked.model("deepseek.v3-v1:0")
                    .body(
                        "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1,"
                            + "\"prompt_cache_hit_tokens\":4,\"prompt_cache_miss_tokens\":6}}")
                    .read()))
        .isEqualTo(Map.of("input", 6L, "output", 1L, "cacheRead", 4L));
  }

  @Test
  void anthropicsInputTokensIncludeNothing() {
    assertThat(
            Invoked.counts(
                Invoked.model("anthropic.claude-sonnet-4-6")
                    .body(
                        "{\"usage\":{\"input_tokens\":10,\"output_tokens\":1,"
                            + "\"cache_read_input_tokens\":4,"
                            + "\"output_tokens_details\":{\"thinking_tokens\":1}}}")
                    .read()))
        .isEqualTo(Map.of("input", 10L, "output", 1L, "cacheRead", 4L));
  }

  private static TokenUsage tokens(int input, int read, int written, int output, Integer total) {
    return TokenUsage.builder()
        .inputTokens(input)
        .cacheReadInputTokens(read)
        .cacheWriteInputTokens(written)
        .outputTokens(output)
        .totalTokens(total)
        .build();
  }

  private static Reading converse(String model, TokenUsage tokens) {
    return Readers.converse(
        ConverseRequest.builder().modelId(model).build(),
        ConverseResponse.builder().usage(tokens).build());
  }

  @Test
  void aTotalThatLeavesTheCacheOutShowsThatTheInputIncludesIt() {
    Reading reading = converse(OPENAI, tokens(12_401, 8_367, 4_032, 50, 12_451));

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of("input", 2L, "output", 50L, "cacheRead", 8_367L, "cacheWrite.5m", 4_032L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void whatTheAnswerLeavesOpenStaysAsReportedAndIsAnAnomaly() {
    for (Integer total : new Integer[] {24_850, null}) {
      Reading reading = converse("us." + OPENAI, tokens(12_401, 8_367, 4_032, 50, total));

      assertThat(Invoked.counts(reading).get("input")).isEqualTo(12_401L);
      assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.INPUT_MAY_INCLUDE_CACHE);
    }
    var stream = Readers.converseStream(OPENAI);
    stream.read(
        ConverseStreamMetadataEvent.builder().usage(tokens(4_995, 0, 4_993, 19, 10_007)).build());
    assertThat(Invoked.anomalies(stream.finish()))
        .containsExactly(Anomaly.Kind.INPUT_MAY_INCLUDE_CACHE);
  }

  @Test
  void anInputThatIsSmallerThanTheCacheIncludesNothing() {
    Reading reading = converse(OPENAI, tokens(2, 0, 4_993, 19, 5_014));

    assertThat(Invoked.counts(reading).get("input")).isEqualTo(2L);
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void anthropicAndAmazonAreDocumentedToBeDisjoint() {
    for (String model : new String[] {"us.anthropic.claude-sonnet-4-6", "amazon.nova-pro-v1:0"}) {
      Reading reading = converse(model, tokens(12_401, 8_367, 0, 50, 20_818));

      assertThat(Invoked.counts(reading).get("input")).isEqualTo(12_401L);
      assertThat(reading.anomalies()).isEmpty();
    }
  }
}
