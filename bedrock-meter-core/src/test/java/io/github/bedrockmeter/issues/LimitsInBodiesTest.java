// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.usage.Usage;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** The output bound of InvokeModel bodies. */
class LimitsInBodiesTest {
  private static Usage estimate(String body) {
    return Asked.of(
            InvokeModelRequest.builder()
                .modelId("openai.gpt-oss-120b-1:0")
                .body(SdkBytes.fromUtf8String(body))
                .build())
        .bound(8_192);
  }

  @Test
  void severalAnswersWithoutALimitAreSeveralTimesTheMaximum() {
    String body = "{\"n\":8,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    assertThat(estimate(body).outputTokens()).isGreaterThanOrEqualTo(8 * 8_192);
  }

  @Test
  void aNumberInsideAToolsArgumentsIsNoLimit() {
    String body =
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"input\":"
            + "{\"max_tokens\":5}}]}]}";
    assertThat(estimate(body).outputTokens()).isGreaterThanOrEqualTo(8_192);
  }

  /** A blank image of 1,092 x 1,092 is a PNG of some 300 bytes and 1,590 tokens. */
  @Test
  void aSmallFileIsStillAnImage() {
    String image = "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"%s\"}},";
    String body = "{\"content\":[" + image.formatted("A".repeat(400)).repeat(20) + "{}]}";
    assertThat(estimate(body).inputTokens()).isGreaterThanOrEqualTo(20 * 1_590);
  }
}
