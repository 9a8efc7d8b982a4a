// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers for which the model was sampled more than once. Bodies after the documented ones. */
class SamplingsTest {
  private static final String CLAUDE = "anthropic.claude-opus-4-6-v1";
  private static final String ITERATIONS =
      "\"iterations\":[{\"type\":\"compaction\",\"input_tokens\":180000,\"output_tokens\":3500},"
          + "{\"type\":\"message\",\"input_tokens\":23000,\"output_tokens\":1000}]";
  private static final String USAGE =
      "\"usage\":{\"input_tokens\":23000,\"output_tokens\":1000," + ITERATIONS + "}";

  @Test
  void aCompactionIsChargedBesideItsMessage() {
    Reading reading = Invoked.model(CLAUDE).body("{" + USAGE + "}").read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 203_000L, "output", 4_500L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void headersThatRepeatTheTopDoNotContradictTheSum() {
    Reading reading = Invoked.model(CLAUDE).headers(23_000, 1_000).body("{" + USAGE + "}").read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 203_000L, "output", 4_500L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void headersThatStateTheSumAgreeWithIt() {
    Reading reading = Invoked.model(CLAUDE).headers(203_000, 4_500).body("{" + USAGE + "}").read();

    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void theCacheOfEverySamplingIsSummedByLifetime() {
    String each =
        "{\"type\":\"message\",\"input_tokens\":1,\"output_tokens\":2,\"cache_read_input_tokens\":3,"
            + "\"cache_creation_input_tokens\":9,\"cache_creation\":"
            + "{\"ephemeral_5m_input_tokens\":4,\"ephemeral_1h_input_tokens\":5}}";

    Reading reading =
        Invoked.model(CLAUDE)
            .body(
                "{\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"iterations\":["
                    + each
                    + ","
                    + each
                    + "]}}")
            .read();

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "input",
                2L,
                "output",
                4L,
                "cacheRead",
                6L,
                "cacheWrite.5m",
                8L,
                "cacheWrite.1h",
                10L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void aStreamRepeatsItsSamplingsAndTheLastListCounts() {
    Reading reading =
        Invoked.stream(
                CLAUDE,
                "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":180000,"
                    + "\"output_tokens\":1}}}",
                "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":3500,\"iterations\":["
                    + "{\"type\":\"compaction\",\"input_tokens\":180000,\"output_tokens\":3500}]}}",
                "{\"type\":\"message_delta\"," + USAGE + "}",
                "{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":"
                    + "{\"inputTokenCount\":23000,\"outputTokenCount\":1000}}")
            .finish();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 203_000L, "output", 4_500L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void anEmptyOrMissingListLeavesTheCountsAsTheyAre() {
    for (String list : new String[] {"[]", "null"}) {
      Reading reading =
          Invoked.model(CLAUDE)
              .body(
                  "{\"usage\":{\"input_tokens\":7,\"output_tokens\":8,\"iterations\":"
                      + list
                      + "}}")
              .read();

      assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 7L, "output", 8L));
      assertThat(reading.anomalies()).isEmpty();
    }
  }

  @Test
  void aListOfPartialUsagesThatIsNotUnderstoodIsAnAnomaly() {
    Map<String, String> lists =
        Map.of(
            "usage.iterations.type",
                "\"iterations\":[{\"type\":\"advisor_message\",\"input_tokens\":7,\"output_tokens\":8}]",
            "usage.iterations.model",
                "\"iterations\":[{\"type\":\"message\",\"model\":\"x\",\"input_tokens\":7,\"output_tokens\":8}]",
            "usage.iterations.audio_tokens",
                "\"iterations\":[{\"type\":\"message\",\"audio_tokens\":7}]",
            "usage.steps.input_tokens", "\"steps\":[{\"input_tokens\":180000}]",
            "usage.breakdown.turns.in", "\"breakdown\":{\"turns\":[{\"in\":5}]}");

    lists.forEach(
        (name, list) -> {
          Reading reading =
              Invoked.model(CLAUDE)
                  .body("{\"usage\":{\"input_tokens\":7,\"output_tokens\":8," + list + "}}")
                  .read();

          assertThat(reading.anomalies())
              .as(list)
              .contains(new Anomaly(Anomaly.Kind.NOT_UNDERSTOOD, name));
        });
  }

  @Test
  void samplingsThatAreLessThanTheTopAreReportedAndTheTopCounts() {
    Reading reading =
        Invoked.model(CLAUDE)
            .body(
                "{\"usage\":{\"input_tokens\":70,\"output_tokens\":80,\"iterations\":["
                    + "{\"type\":\"message\",\"input_tokens\":7,\"output_tokens\":8}]}}")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 70L, "output", 80L));
    assertThat(Invoked.anomalies(reading)).contains(Anomaly.Kind.TOTAL_MISMATCH);
  }
}
