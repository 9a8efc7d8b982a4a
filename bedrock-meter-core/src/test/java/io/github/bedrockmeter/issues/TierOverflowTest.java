// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.price.*;
import io.github.bedrockmeter.usage.Meter;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** A reserved call can overflow to the standard tier, so that is what is held. */
class TierOverflowTest {
  @Test
  void anOverflowToTheStandardTierIsInTheEstimate() {
    BedrockRuntimeClient sdk =
        new BedrockRuntimeClient() {
          @Override
          public ConverseResponse converse(ConverseRequest request) {
            return ConverseResponse.builder()
                .usage(u -> u.inputTokens(10).outputTokens(1000).totalTokens(1010))
                .serviceTier(t -> t.type("default"))
                .build();
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    Rates standard =
        Rates.builder("t").perMillion(Meter.INPUT, "3").perMillion(Meter.OUTPUT, "15").build();
    Rates reserved =
        Rates.builder("t").perMillion(Meter.INPUT, "0").perMillion(Meter.OUTPUT, "0").build();
    BedrockMeter meter =
        BedrockMeter.builder()
            .prices(
                (key, usage) -> (key.tier().equals("reserved") ? reserved : standard).costOf(usage))
            .budget(Budget.named("b").limit(Amount.usd("0.01")).window(Window.lifetime()).build())
            .build();
    var unused =
        catchThrowable(
            () ->
                meter
                    .wrap(sdk)
                    .converse(
                        r ->
                            r.modelId("m")
                                .serviceTier(t -> t.type("reserved"))
                                .inferenceConfig(c -> c.maxTokens(1000))));
    BudgetStatus status = meter.status().join().get(0);
    assertThat(status.settled().units()).isLessThanOrEqualTo(Amount.usd("0.01").units());
  }
}
