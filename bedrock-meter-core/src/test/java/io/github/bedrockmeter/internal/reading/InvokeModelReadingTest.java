// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;

/** Bodies here are synthetic, written after the documented shapes. */
class InvokeModelReadingTest {
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          anthropic.claude-opus-4-6-v1      | {"usage":{"input_tokens":3,"output_tokens":4}}
          us.amazon.nova-pro-v1:0           | {"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}}
          amazon.titan-text-lite-v1         | {"inputTextTokenCount":3.0,"results":[{"tokenCount":1.0},{"tokenCount":3.0}]}
          ai21.j2-ultra-v1                  | {"prompt":{"tokens":[{},{},{}]},"completions":[{"data":{"tokens":[{},{}]}},{"data":{"tokens":[{},{}]}}]}
          ai21.jamba-1-5-large-v1:0         | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          cohere.command-r-plus-v1:0        | {"text":"x","meta":{"billed_units":{"input_tokens":3.0,"output_tokens":4.0},"tokens":{"input_tokens":70,"output_tokens":9}}}
          meta.llama4-scout-17b-instruct-v1:0 | {"generation":"x","prompt_token_count":3,"generation_token_count":4}
          mistral.pixtral-large-2502-v1:0   | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          deepseek.v3.2                     | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          openai.gpt-oss-120b-1:0           | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          qwen.qwen3-32b-v1:0               | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          us.writer.palmyra-x5-v1:0         | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          xai.grok-4.3                      | {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}
          arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl | {"usage":{"prompt_tokens":3,"completion_tokens":4}}
          arn:aws:sagemaker:us-east-1:123456789012:endpoint/any | {"usage":{"input_tokens":3,"output_tokens":4}}
          acme.new-model-v1:0             | {"usage":{"inputTokens":3,"outputTokens":4}}
          """)
  void bodyOfEveryTextFamilyIsRead(String modelId, String body) {
    Reading reading = Invoked.model(modelId).body(body).read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.BODY);
    assertThat(reading.missing()).isEmpty();
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void onlyModelsOfOneFamilyShareTheirBodies() {
    assertThat(Readers.shareTheirBodies("xai.grok-4.3", "us.xai.grok-4.6")).isTrue();
    assertThat(Readers.shareTheirBodies("xai.grok-4.3", "openai.gpt-oss-120b-1:0")).isFalse();
    assertThat(Readers.shareTheirBodies("acme.new-v1:0", "acme.other-v1:0")).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          anthropic.claude-v2:1              | {"completion":"x","stop_reason":"stop_sequence"}
          cohere.command-text-v14            | {"generations":[{"text":"x"}]}
          mistral.mixtral-8x7b-instruct-v0:1 | {"outputs":[{"text":"x"}]}
          us.deepseek.r1-v1:0                | {"choices":[{"text":"x"}]}
          arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl | not json at all
          """)
  void headersAnswerWhereTheBodyStatesNothing(String modelId, String body) {
    Reading reading = Invoked.model(modelId).body(body).headers(3, 4).read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.HEADERS);
    assertThat(reading.missing()).isEmpty();
  }

  @Test
  void eachCountMayComeFromAnotherPlace() {
    Reading reading =
        Invoked.model("amazon.nova-lite-v1:0")
            .body("{\"usage\":{\"inputTokens\":30}}")
            .headers(30, 51)
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 30L, "output", 51L));
    assertThat(Invoked.usage(reading).sources().of(Meter.INPUT)).isEqualTo(Source.BODY);
    assertThat(Invoked.usage(reading).sources().of(Meter.OUTPUT)).isEqualTo(Source.HEADERS);
  }

  @Test
  void bodyWinsOverHeadersAndTheDisagreementIsReported() {
    Reading reading =
        Invoked.model("meta.llama3-8b-instruct-v1:0")
            .body("{\"prompt_token_count\":3,\"generation_token_count\":4}")
            .headers(3, 5)
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
    assertThat(reading.anomalies())
        .containsExactly(new Anomaly(Anomaly.Kind.SOURCES_DISAGREE, "output: body 4, headers 5"));
  }

  @Test
  void cacheWritesAreSplitByLifetimeAndTheRestIsFiveMinutes() {
    Reading reading =
        Invoked.model("anthropic.claude-sonnet-4-5-20250929-v1:0")
            .body(
                """
                {"usage":{"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":5,
                 "cache_creation_input_tokens":100,
                 "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":70}}}
                """)
            .headers(3, 4)
            .header("Cache-Write-Input-Token-Count", 100)
            .read();

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "input", 3L,
                "output", 4L,
                "cacheRead", 5L,
                "cacheWrite.5m", 30L,
                "cacheWrite.1h", 70L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void aSplitLargerThanItsSumIsKeptAndReported() {
    Reading reading =
        Invoked.model("anthropic.claude-sonnet-4-5-20250929-v1:0")
            .body(
                """
                {"usage":{"input_tokens":3,"output_tokens":4,"cache_creation_input_tokens":10,
                 "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":70}}}
                """)
            .read();

    assertThat(Invoked.usage(reading).cacheWrite5mTokens()).isEqualTo(20);
    assertThat(Invoked.usage(reading).cacheWrite1hTokens()).isEqualTo(70);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.TOTAL_MISMATCH);
  }

  @Test
  void openAiPromptTokensIncludeCachedOnes() {
    Reading reading =
        Invoked.model("openai.gpt-oss-20b-1:0")
            .body(
                """
                {"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":104,
                 "prompt_tokens_details":{"cached_tokens":90}}}
                """)
            .read();

    assertThat(Invoked.counts(reading))
        .isEqualTo(Map.of("input", 10L, "output", 4L, "cacheRead", 90L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void totalThatDoesNotAddUpIsReported() {
    Reading reading =
        Invoked.model("qwen.qwen3-32b-v1:0")
            .body("{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":9}}")
            .read();

    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.TOTAL_MISMATCH);
  }

  @ParameterizedTest
  @CsvSource({"-1", "28.5", "4294967296", "1e30", "'\"7\"'", "true", "[]", "{}", "NaN"})
  void whatIsNoCountIsMissingAndReported(String value) {
    Reading reading =
        Invoked.model("meta.llama3-8b-instruct-v1:0")
            .body("{\"prompt_token_count\":3,\"generation_token_count\":" + value + "}")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L));
    assertThat(reading.missing()).containsExactly(Meter.OUTPUT);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.NOT_A_COUNT);
  }

  @Test
  void headerThatIsNoCountIsReportedAndTheBodyStillCounts() {
    Reading reading =
        Invoked.model("meta.llama3-8b-instruct-v1:0")
            .body("{\"prompt_token_count\":3,\"generation_token_count\":4}")
            .header("Input-Token-Count", "-7")
            .header("Output-Token-Count", "many")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
    assertThat(Invoked.anomalies(reading))
        .containsExactly(Anomaly.Kind.NOT_A_COUNT, Anomaly.Kind.NOT_A_COUNT);
  }

  @Test
  void blockedPromptIsZeroNotUnknown() {
    Reading reading =
        Invoked.model("mistral.mistral-7b-instruct-v0:2")
            .body("{\"outputs\":[],\"amazon-bedrock-guardrailAction\":\"INTERVENED\"}")
            .read();

    assertThat(Invoked.counts(reading)).isEmpty();
    assertThat(reading.usage()).isNotNull();
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.INFERRED);
    assertThat(reading.missing()).isEmpty();
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void truncatedBodyKeepsWhatWasWholeAndDropsSums() {
    Reading reading =
        Invoked.model("amazon.titan-text-lite-v1")
            .body("{\"inputTextTokenCount\":3,\"results\":[{\"tokenCount\":1},{\"tokenCo")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L));
    assertThat(reading.missing()).containsExactly(Meter.OUTPUT);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UNREADABLE);
  }

  @Test
  void bodyNamesTheModelBehindAProfile() {
    String body =
        "{\"model\":\"claude-haiku-4-5-20251001\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}";

    assertThat(Invoked.model(PROFILE).body(body).read().answeredBy())
        .isEqualTo("claude-haiku-4-5-20251001");
    assertThat(Invoked.model("us.anthropic.claude-haiku-4-5-20251001-v1:0").body(body).read())
        .returns(null, Reading::answeredBy);
  }

  @Test
  void aServersOwnModelNameIsNoModelId() {
    String body =
        "{\"model\":\"/opt/ml/model\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";

    assertThat(Invoked.model(PROFILE).body(body).read().answeredBy()).isNull();
  }

  @Test
  void tierIsWhatTheResponseSays() {
    Invoked call =
        Invoked.model("anthropic.claude-opus-4-6-v1")
            .body(
                "{\"usage\":{\"input_tokens\":3,\"output_tokens\":4,\"service_tier\":\"standard\"}}");
    InvokeModelResponse response = call.asResponse();

    assertThat(call.read().tier()).isEqualTo("standard");
    assertThat(tierOf(call, response.toBuilder().serviceTier("flex").build())).isEqualTo("flex");
    assertThat(tierOf(call, response.toBuilder().serviceTier("default").build()))
        .isEqualTo("standard");
    assertThat(tierOf(call, response.toBuilder().performanceConfigLatency("optimized").build()))
        .isEqualTo("latency");
  }

  private static String tierOf(Invoked call, InvokeModelResponse response) {
    return String.valueOf(Readers.invokeModel(call.asRequest(), response).tier());
  }

  @Test
  void guardrailUnitsAreSummedOverInputAndOutputs() {
    String assessment =
        "{\"g\":{\"invocationMetrics\":{\"usage\":{\"topicPolicyUnits\":2,\"wordPolicyUnits\":1}}}}";
    Reading reading =
        Invoked.model("cohere.command-r-v1:0")
            .body(
                "{\"amazon-bedrock-trace\":{\"guardrail\":{\"input\":%s,\"outputs\":[%s]}}}"
                    .formatted(assessment, assessment))
            .read();

    assertThat(Invoked.counts(reading))
        .isEqualTo(Map.of("guardrailUnits.topicPolicy", 4L, "guardrailUnits.wordPolicy", 2L));
  }

  @Test
  void completeHeadersLeaveAnEmbeddingAlone() {
    Reading reading =
        Invoked.model("cohere.embed-v4:0")
            .request("{\"texts\":[\"a\"]}")
            .body("not even json")
            .header("Input-Token-Count", 2)
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 2L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void responseWithoutHeadersOrBodyIsMissingBoth() {
    Reading reading =
        Readers.invokeModel(
            Invoked.model("amazon.nova-lite-v1:0").asRequest(),
            InvokeModelResponse.builder().build());

    assertThat(reading.usage()).isNull();
    assertThat(reading.missing()).containsExactlyInAnyOrder(Meter.INPUT, Meter.OUTPUT);
  }

  @Test
  void stringsOfAnyLengthAreSteppedOver() {
    String body =
        "{\"content\":\"%s\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}"
            .formatted("x".repeat(25_000_000));

    Reading reading =
        Invoked.model("anthropic.claude-opus-4-6-v1").body(SdkBytes.fromUtf8String(body)).read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
  }
}
