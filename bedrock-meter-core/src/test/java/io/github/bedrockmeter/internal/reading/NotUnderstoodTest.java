// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a usage says that may be charged, and is not understood, is an anomaly by its name. */
class NotUnderstoodTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          usage.reasoning_tokens                        | "reasoning_tokens":5
          usage.prompt_audio_seconds                    | "prompt_audio_seconds":1.5
          usage.speed                                   | "speed":"fast"
          usage.prompt_tokens_details.audio_tokens      | "prompt_tokens_details":{"audio_tokens":3}
          usage.input_tokens_details.image_tokens       | "input_tokens_details":{"image_tokens":3}
          usage.completion_tokens_details.audio_tokens  | "completion_tokens_details":{"audio_tokens":3}
          usage.server_tool_use.magic_requests          | "server_tool_use":{"magic_requests":1}
          usage.serverToolUsage.nova_grounding          | "serverToolUsage":{"nova_grounding":1}
          usage.cache_tokens.kept                       | "cache_tokens":{"kept":{"deep":[1]}}
          usage.paid                                    | "paid":true
          """)
  void anythingElseInAUsageIsNamed(String path, String field) {
    String name = path.equals("usage.cache_tokens.kept") ? "usage.cache_tokens.kept.deep" : path;
    String usage = "{\"usage\":{\"input_tokens\":7,\"output_tokens\":8," + field + "}}";

    Reading body = Invoked.model("anthropic.claude-x").body(usage).read();
    Reading stream = Invoked.stream("anthropic.claude-x", usage).finish();

    Anomaly named = new Anomaly(Anomaly.Kind.NOT_UNDERSTOOD, name);
    assertThat(body.anomalies()).contains(named);
    assertThat(stream.anomalies()).contains(named);
  }

  @Test
  void whatSaysNothingIsNoAnomaly() {
    Reading reading =
        Invoked.model("anthropic.claude-x")
            .body(
                "{\"usage\":{\"input_tokens\":7,\"output_tokens\":8,\"a\":0,\"b\":null,\"c\":{},"
                    + "\"d\":[],\"e\":0.0,\"f\":false,\"speed\":\"standard\","
                    + "\"inference_geo\":\"not_available\",\"service_tier\":\"standard\"}}")
            .read();

    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void aNameFromOutsideIsCutAndHasNoOddCharacters() {
    Reading reading =
        Invoked.model("anthropic.claude-x")
            .body(
                "{\"usage\":{\"input_tokens\":7,\"output_tokens\":8,\"a\\nb "
                    + "x".repeat(999)
                    + "\":1}}")
            .read();

    assertThat(reading.anomalies())
        .singleElement()
        .satisfies(
            anomaly ->
                assertThat(anomaly.detail()).matches("[a-zA-Z0-9_.?-]+").hasSizeLessThan(300));
  }

  @Test
  void streamMetricsAreUnderstoodToo() {
    Reading reading =
        Invoked.stream(
                "mistral.mistral-7b-instruct-v0:2",
                "{\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":1,\"outputTokenCount\":2,"
                    + "\"invocationLatency\":5,\"firstByteLatency\":3,\"imageCount\":4}}")
            .finish();

    assertThat(reading.anomalies())
        .containsExactly(
            new Anomaly(
                Anomaly.Kind.NOT_UNDERSTOOD, "amazon-bedrock-invocationMetrics.imageCount"));
  }
}
