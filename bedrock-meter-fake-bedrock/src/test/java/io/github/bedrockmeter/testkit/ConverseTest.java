// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.CLAUDE;
import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static io.github.bedrockmeter.testkit.Calls.converse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensInput;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailAction;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.StopReason;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

class ConverseTest {

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  @Test
  void textAndTokensReachTheSyncClient() {
    bedrock.on(NOVA).reply(Reply.text("Hello").inputTokens(10).outputTokens(20));

    ConverseResponse response = bedrock.client().converse(converse(NOVA));

    assertThat(response.output().message().content().get(0).text()).isEqualTo("Hello");
    assertThat(response.stopReason()).isEqualTo(StopReason.END_TURN);
    assertThat(response.usage().inputTokens()).isEqualTo(10);
    assertThat(response.usage().outputTokens()).isEqualTo(20);
    assertThat(response.usage().totalTokens()).isEqualTo(30);
    assertThat(response.usage().cacheReadInputTokens()).isNull();
    assertThat(response.usage().hasCacheDetails()).isFalse();
  }

  @Test
  void textAndTokensReachTheDefaultAsyncClient() {
    bedrock.on(NOVA).reply(Reply.text("Hello").inputTokens(10).outputTokens(20));

    ConverseResponse response = bedrock.asyncClient().converse(converse(NOVA)).join();

    assertThat(response.output().message().content().get(0).text()).isEqualTo("Hello");
    assertThat(response.usage().totalTokens()).isEqualTo(30);
  }

  @Test
  void cachedTokensAddToTheTotalAndWritesAreDetailedOneHourFirst() {
    bedrock
        .on(CLAUDE)
        .reply(
            Reply.text("Hello")
                .inputTokens(1)
                .outputTokens(2)
                .cacheReadTokens(4)
                .cacheWriteTokens("5m", 8)
                .cacheWriteTokens("1h", 16));

    TokenUsage usage = bedrock.client().converse(converse(CLAUDE)).usage();

    assertThat(usage.cacheReadInputTokens()).isEqualTo(4);
    assertThat(usage.cacheWriteInputTokens()).isEqualTo(24);
    assertThat(usage.totalTokens()).isEqualTo(31);
    assertThat(usage.cacheDetails())
        .extracting(CacheDetail::ttlAsString, CacheDetail::inputTokens)
        .containsExactly(tuple("1h", 16), tuple("5m", 8));
  }

  @Test
  void cacheWritesWithoutTimeToLiveHaveNoDetails() {
    bedrock.on(NOVA).reply(Reply.text("Hello").cacheWriteTokens(8));

    TokenUsage usage = bedrock.client().converse(converse(NOVA)).usage();

    assertThat(usage.cacheWriteInputTokens()).isEqualTo(8);
    assertThat(usage.hasCacheDetails()).isFalse();
  }

  @Test
  void usageCanBeMissing() {
    bedrock.on(NOVA).reply(Reply.text("Hello").withoutUsage());

    assertThat(bedrock.client().converse(converse(NOVA)).usage()).isNull();
  }

  @Test
  void tierLatencyAndStopReasonAreEchoed() {
    bedrock
        .on(NOVA)
        .reply(
            Reply.text("Hel")
                .serviceTier("flex")
                .performanceLatency("optimized")
                .stopReason("max_tokens"));

    ConverseResponse response = bedrock.client().converse(converse(NOVA));

    assertThat(response.serviceTier().typeAsString()).isEqualTo("flex");
    assertThat(response.performanceConfig().latencyAsString()).isEqualTo("optimized");
    assertThat(response.stopReason()).isEqualTo(StopReason.MAX_TOKENS);
  }

  @Test
  void blockedPromptCostsNoTokens() {
    bedrock.on(NOVA).reply(Reply.text("Not here.").guardrailIntervened());

    ConverseResponse response = bedrock.client().converse(converse(NOVA));

    assertThat(response.stopReason()).isEqualTo(StopReason.GUARDRAIL_INTERVENED);
    assertThat(response.usage().totalTokens()).isZero();
  }

  @Test
  void everyResponseHasARequestIdAndTheHeadersAskedFor() {
    bedrock.on(NOVA).reply(Reply.text("Hello").requestId("id-1").header("X-Test", "yes"));

    ConverseResponse scripted = bedrock.client().converse(converse(NOVA));
    ConverseResponse random = bedrock.client().converse(converse("some.other-model"));

    assertThat(scripted.responseMetadata().requestId()).isEqualTo("id-1");
    assertThat(scripted.sdkHttpResponse().firstMatchingHeader("x-test")).contains("yes");
    assertThat(random.responseMetadata().requestId()).hasSize(36);
  }

  @Test
  void countTokensAnswersTheInputTokens() {
    bedrock.on(CLAUDE).reply(Reply.text("never said").inputTokens(42));

    int counted =
        bedrock
            .client()
            .countTokens(
                r ->
                    r.modelId(CLAUDE)
                        .input(CountTokensInput.fromConverse(c -> c.messages(Calls.user("Hi")))))
            .inputTokens();

    assertThat(counted).isEqualTo(42);
  }

  @Test
  void guardrailsAreScriptedByTheirIdentifier() {
    bedrock.on("gr1234").reply(Reply.text("Not here.").guardrailIntervened());

    var blocked = bedrock.client().applyGuardrail(r -> guardrail(r, "gr1234"));
    var passed = bedrock.client().applyGuardrail(r -> guardrail(r, "gr5678"));

    assertThat(blocked.action()).isEqualTo(GuardrailAction.GUARDRAIL_INTERVENED);
    assertThat(blocked.outputs().get(0).text()).isEqualTo("Not here.");
    assertThat(blocked.usage().contentPolicyUnits()).isEqualTo(1);
    assertThat(passed.action()).isEqualTo(GuardrailAction.NONE);
  }

  private static void guardrail(ApplyGuardrailRequest.Builder request, String id) {
    request
        .guardrailIdentifier(id)
        .guardrailVersion("1")
        .source("INPUT")
        .content(GuardrailContentBlock.fromText(t -> t.text("Hi")));
  }
}
