// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.price.*;
import io.github.bedrockmeter.usage.Meter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** Converse with a guardrail is charged for its units, so the estimate holds them. */
class GuardrailUnitsAreHeldTest {
  @Test
  void guardrailUnitsAreInTheEstimate() {
    String text = "x".repeat(100_000);
    BedrockRuntimeClient sdk =
        new BedrockRuntimeClient() {
          @Override
          public ConverseResponse converse(ConverseRequest request) {
            GuardrailAssessment units =
                GuardrailAssessment.builder()
                    .invocationMetrics(
                        m -> m.usage(u -> u.topicPolicyUnits(100).contentPolicyUnits(100)))
                    .build();
            return ConverseResponse.builder()
                .usage(u -> u.inputTokens(25_000).outputTokens(1).totalTokens(25_001))
                .trace(t -> t.guardrail(g -> g.inputAssessment(Map.of("gr", units))))
                .build();
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .listener(listener)
            .prices(
                PriceBook.of(
                    Map.of(
                        "amazon.nova-micro-v1:0",
                        Rates.builder("t")
                            .perMillion(Meter.INPUT, "0.035")
                            .perMillion(Meter.OUTPUT, "0.14")
                            .perUnit(Meter.guardrailUnits("topicPolicy"), "0.00015")
                            .perUnit(Meter.guardrailUnits("contentPolicy"), "0.00015")
                            .perUnit(Meter.guardrailUnits("sensitiveInformationPolicy"), "0.0001")
                            .perUnit(Meter.guardrailUnits("contextualGroundingPolicy"), "0.0001")
                            .perUnit(Meter.guardrailUnits("automatedReasoningPolicy"), "0.00017")
                            .build())))
            .budget(Budget.named("b").limit(Amount.usd("0.10")).window(Window.lifetime()).build())
            .build();
    meter
        .wrap(sdk)
        .converse(
            r ->
                r.modelId("amazon.nova-micro-v1:0")
                    .guardrailConfig(
                        g -> g.guardrailIdentifier("gr").guardrailVersion("1").trace("enabled"))
                    .messages(
                        List.of(Message.builder().content(ContentBlock.fromText(text)).build()))
                    .inferenceConfig(c -> c.maxTokens(10)));
    BudgetStatus status = meter.status().join().get(0);
    assertThat(status.settled().units())
        .as(
            "settled %s of a limit of $0.10; estimate %s",
            status.settled(), listener.usage().call().estimatedCost())
        .isLessThanOrEqualTo(Amount.usd("0.10").units());
  }
}
