// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailAssessment;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

class ConverseReadingTest {

  @Test
  void cacheWritesAreSplitByLifetimeAndTheRestIsFiveMinutes() {
    Reading reading =
        read(
            usage ->
                usage
                    .inputTokens(1)
                    .outputTokens(2)
                    .cacheReadInputTokens(3)
                    .cacheWriteInputTokens(100)
                    .totalTokens(106)
                    .cacheDetails(
                        CacheDetail.builder().ttl("1h").inputTokens(60).build(),
                        CacheDetail.builder().ttl("5m").inputTokens(30).build()));

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "input",
                1L,
                "output",
                2L,
                "cacheRead",
                3L,
                "cacheWrite.5m",
                40L,
                "cacheWrite.1h",
                60L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void totalThatDoesNotAddUpIsReported() {
    Reading reading = read(usage -> usage.inputTokens(1).outputTokens(2).totalTokens(9));

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 1L, "output", 2L));
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.TOTAL_MISMATCH);
  }

  @Test
  void negativeCountIsMissing() {
    Reading reading = read(usage -> usage.inputTokens(-1).outputTokens(2));

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("output", 2L));
    assertThat(reading.missing()).containsExactly(Meter.INPUT);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.NOT_A_COUNT);
  }

  @Test
  void responseWithoutUsageMissesBoth() {
    Reading reading = read(ConverseResponse.builder().build());

    assertThat(reading.usage()).isNull();
    assertThat(reading.missing()).containsExactlyInAnyOrder(Meter.INPUT, Meter.OUTPUT);
  }

  @Test
  void interventionWithoutUsageIsZero() {
    Reading reading = read(ConverseResponse.builder().stopReason("guardrail_intervened").build());

    assertThat(Invoked.counts(reading)).isEmpty();
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.INFERRED);
    assertThat(reading.missing()).isEmpty();
  }

  @Test
  void tierIsWhatTheResponseSays() {
    ConverseResponse.Builder response = ConverseResponse.builder();

    assertThat(read(response.build()).tier()).isNull();
    assertThat(read(response.serviceTier(t -> t.type("default")).build()).tier())
        .isEqualTo("standard");
    assertThat(read(response.serviceTier(t -> t.type("flex")).build()).tier()).isEqualTo("flex");
    assertThat(read(response.serviceTier(t -> t.type("reserved")).build()).tier())
        .isEqualTo("reserved");
    assertThat(read(response.performanceConfig(p -> p.latency("optimized")).build()).tier())
        .isEqualTo("latency");
  }

  @Test
  void routersChoiceIsTheModelThatAnswered() {
    String model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku";

    Reading reading =
        read(
            ConverseResponse.builder()
                .usage(u -> u.inputTokens(1).outputTokens(2))
                .trace(t -> t.promptRouter(r -> r.invokedModelId(model)))
                .build());

    assertThat(reading.answeredBy()).isEqualTo(model);
    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 1L, "output", 2L));
  }

  @Test
  void guardrailUnitsAreSummedOverInputAndOutputs() {
    GuardrailAssessment assessment =
        GuardrailAssessment.builder()
            .invocationMetrics(
                m ->
                    m.usage(
                        u ->
                            u.topicPolicyUnits(2)
                                .contentPolicyImageUnits(1)
                                .automatedReasoningPolicies(5)))
            .build();

    Reading reading =
        read(
            ConverseResponse.builder()
                .usage(u -> u.inputTokens(1).outputTokens(2))
                .trace(
                    t ->
                        t.guardrail(
                            g ->
                                g.inputAssessment(Map.of("a", assessment))
                                    .outputAssessments(
                                        Map.of("a", java.util.List.of(assessment, assessment)))))
                .build());

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "input", 1L,
                "output", 2L,
                "guardrailUnits.topicPolicy", 6L,
                "guardrailUnits.contentPolicyImage", 3L));
  }

  @Test
  void streamIsReadFromItsMetadata() {
    StreamReader<ConverseStreamOutput> reader = Readers.converseStream(null);
    reader.read(ConverseStreamOutput.messageStartBuilder().role("assistant").build());
    reader.read(
        ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("hello")).build());
    assertThat(reader.finish().missing()).containsExactlyInAnyOrder(Meter.INPUT, Meter.OUTPUT);
    assertThat(reader.sawOutput()).isTrue();
    assertThat(reader.deliveredCharacters()).isEqualTo(5);

    reader.read(
        ConverseStreamOutput.metadataBuilder()
            .usage(u -> u.inputTokens(1).outputTokens(2).totalTokens(3))
            .serviceTier(t -> t.type("priority"))
            .build());

    assertThat(Invoked.counts(reader.finish())).isEqualTo(Map.of("input", 1L, "output", 2L));
    assertThat(reader.finish().tier()).isEqualTo("priority");
    assertThat(reader.finish().missing()).isEmpty();
  }

  private static Reading read(Consumer<TokenUsage.Builder> usage) {
    return read(ConverseResponse.builder().usage(usage).build());
  }

  private static Reading read(ConverseResponse response) {
    return Readers.converse(ConverseRequest.builder().build(), response);
  }
}
