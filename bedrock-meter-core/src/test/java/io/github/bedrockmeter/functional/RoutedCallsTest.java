// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.Reply;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls whose model id does not name the model that answers. */
class RoutedCallsTest {
  private static final String ROUTER =
      "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1";
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456";

  private final Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void reply(String modelId, String json) {
    scene
        .bedrock
        .on(modelId)
        .reply(
            Reply.recorded(
                200,
                Map.of("Content-Type", "application/json"),
                json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRoutersChoiceIsOnTheEventAndIsWhatIsPriced() {
    reply(
        ROUTER,
        """
        {"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},
         "stopReason":"end_turn","metrics":{"latencyMs":10},
         "usage":{"inputTokens":10,"outputTokens":20,"totalTokens":30},
         "trace":{"promptRouter":{"invokedModelId":"%s"}}}"""
            .formatted(CLAUDE));

    scene.client.converse(Scene.converse(ROUTER, 100));

    UsageEvent event = scene.listener.usage();
    assertThat(event.call().estimatedCost()).isInstanceOf(Cost.Unknown.class);
    assertThat(event.answeredBy()).isEqualTo(CLAUDE);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0011"));
  }

  @Test
  void behindAProfileTheBodysModelIsOnTheEventAndIsWhatIsPriced() {
    reply(
        PROFILE,
        """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6",
         "content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn",
         "usage":{"input_tokens":10,"output_tokens":20}}""");

    scene.client.invokeModel(Scene.invokeClaude(100).toBuilder().modelId(PROFILE).build());

    UsageEvent event = scene.listener.usage();
    assertThat(event.answeredBy()).isEqualTo("claude-sonnet-4-6");
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0011"));
  }
}
