// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** Cache writes of a lifetime that is not known are never charged as the cheapest in silence. */
class LifetimesTest {
  private static final String CLAUDE = "anthropic.claude-sonnet-4-6";

  private static Reading converse(CacheDetail... details) {
    return Readers.converse(
        ConverseRequest.builder().modelId(CLAUDE).build(),
        ConverseResponse.builder()
            .usage(
                u ->
                    u.inputTokens(1)
                        .outputTokens(2)
                        .cacheReadInputTokens(0)
                        .cacheWriteInputTokens(1_000)
                        .totalTokens(1_003)
                        .cacheDetails(details))
            .build());
  }

  private static CacheDetail detail(String ttl, int tokens) {
    return CacheDetail.builder().ttl(ttl).inputTokens(tokens).build();
  }

  @Test
  void aLifetimeOfConverseThatIsNotKnownCountsAsAnHour() {
    Reading reading = converse(detail("24h", 900), detail("5m", 100));

    assertThat(Invoked.counts(reading))
        .isEqualTo(Map.of("input", 1L, "output", 2L, "cacheWrite.5m", 100L, "cacheWrite.1h", 900L));
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UPPER_BOUND_COUNTED);
  }

  @Test
  void knownLifetimesAreSplitWithoutAnAnomaly() {
    Reading reading = converse(detail("1h", 600), detail("30m", 300), detail("5m", 100));

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "input",
                1L,
                "output",
                2L,
                "cacheWrite.5m",
                100L,
                "cacheWrite.30m",
                300L,
                "cacheWrite.1h",
                600L));
    assertThat(reading.anomalies()).isEmpty();
    assertThat(reading.statesLifetimes()).isTrue();
    assertThat(converse().statesLifetimes()).isFalse();
  }

  @Test
  void soItDoesInABodyAndInAStream() {
    String usage =
        "{\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"cache_creation_input_tokens\":1000,"
            + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":100,"
            + "\"ephemeral_24h_input_tokens\":900}}}";

    for (Reading reading :
        new Reading[] {
          Invoked.model(CLAUDE).body(usage).read(), Invoked.stream(CLAUDE, usage, usage).finish()
        }) {
      assertThat(Invoked.counts(reading))
          .isEqualTo(
              Map.of("input", 1L, "output", 2L, "cacheWrite.5m", 100L, "cacheWrite.1h", 900L));
      assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UPPER_BOUND_COUNTED);
    }
  }

  @Test
  void headersAndMetricsStateNoLifetime() {
    Reading headers =
        Invoked.model("anthropic.claude-v2")
            .headers(1, 2)
            .header("Cache-Write-Input-Token-Count", 1_000)
            .read();
    Reading metrics =
        Invoked.stream(
                CLAUDE,
                "{\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":1,\"outputTokenCount\":2,"
                    + "\"cacheWriteInputTokenCount\":1000}}")
            .finish();

    assertThat(headers.statesLifetimes()).isFalse();
    assertThat(metrics.statesLifetimes()).isFalse();
  }
}
