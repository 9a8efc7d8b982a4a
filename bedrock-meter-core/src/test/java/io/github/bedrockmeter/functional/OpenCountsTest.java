// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.CachePointBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/** Counts that an answer leaves open, from the call to the event. */
@SuppressWarnings("unchecked")
class OpenCountsTest {
  private static final String OPENAI = "openai.gpt-5-6-terra";

  private static UsageEvent event(
      UnaryOperator<BedrockMeter.Builder> settings, Reply reply, ConverseRequest request) {
    try (Scene scene = new Scene(settings)) {
      scene.bedrock.onAnyModel().reply(reply);
      scene.client.converse(request);
      return scene.listener.usage();
    }
  }

  private static UsageEvent openAi(UnaryOperator<BedrockMeter.Builder> settings) {
    return event(
        settings,
        Reply.text("x").inputTokens(12_401).cacheReadTokens(8_367).outputTokens(50),
        Scene.converse(OPENAI, 100));
  }

  @Test
  void whatMayIncludeTheCacheIsChargedAsReportedAndNoted() {
    UsageEvent event = openAi(s -> s);

    assertThat(event.usage().inputTokens()).isEqualTo(12_401);
    assertThat(event.anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.INPUT_MAY_INCLUDE_CACHE);
  }

  @Test
  void theOperatorDecidesByProvider() {
    UsageEvent included = openAi(s -> s.inputIncludesCache("openai", true));
    UsageEvent apart = openAi(s -> s.inputIncludesCache("openai", false));

    assertThat(included.usage().inputTokens()).isEqualTo(12_401 - 8_367);
    assertThat(included.usage().cacheReadTokens()).isEqualTo(8_367);
    assertThat(apart.usage().inputTokens()).isEqualTo(12_401);
    assertThat(List.of(included, apart))
        .allSatisfy(event -> assertThat(event.anomalies()).isEmpty());
  }

  @Test
  void whatIsNoProviderIsRefused() {
    assertThatThrownBy(() -> BedrockMeter.builder().inputIncludesCache("open ai.x", true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as \"openai\"");
  }

  private static ConverseRequest caching(String model, String ttl) {
    CachePointBlock.Builder point = CachePointBlock.builder().type("default");
    return ConverseRequest.builder()
        .modelId(model)
        .messages(Scene.user("Hello"))
        .system(
            SystemContentBlock.fromText("be brief"),
            SystemContentBlock.fromCachePoint(ttl == null ? point.build() : point.ttl(ttl).build()))
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  private static Reply written() {
    return Reply.text("x").inputTokens(5).cacheWriteTokens(1_000).outputTokens(1);
  }

  @Test
  void writesOfAnUnstatedLifetimeAreTheLongestThatWasAskedFor() {
    UsageEvent hour = event(s -> s, written(), caching(Scene.CLAUDE, "1h"));
    UsageEvent plain = event(s -> s, written(), caching(Scene.CLAUDE, null));

    assertThat(hour.usage().cacheWrite1hTokens()).isEqualTo(1_000);
    assertThat(hour.usage().cacheWrite5mTokens()).isZero();
    assertThat(hour.anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.UPPER_BOUND_COUNTED);
    assertThat(plain.usage().cacheWrite5mTokens()).isEqualTo(1_000);
    assertThat(plain.anomalies()).isEmpty();
  }

  @Test
  void aStatedLifetimeIsWhatCounts() {
    UsageEvent event =
        event(
            s -> s,
            Reply.text("x").inputTokens(5).cacheWriteTokens("5m", 1_000).outputTokens(1),
            caching(Scene.CLAUDE, "1h"));

    assertThat(event.usage().cacheWrite5mTokens()).isEqualTo(1_000);
    assertThat(event.anomalies()).isEmpty();
  }

  @Test
  void openAiWritesForThirtyMinutes() {
    UsageEvent event = event(s -> s, written(), Scene.converse(OPENAI, 100));

    assertThat(event.usage().cacheWrite30mTokens()).isEqualTo(1_000);
    assertThat(event.anomalies()).isEmpty();
  }

  @Test
  void aTierInsideTheBodyIsThePriceTier() {
    try (Scene scene = Scene.unlimited()) {
      for (String tier : new String[] {"priority", "flex"}) {
        scene.client.invokeModel(
            InvokeModelRequest.builder()
                .modelId(Scene.CLAUDE)
                .body(
                    SdkBytes.fromUtf8String(
                        "{\"max_tokens\":1,\"service_tier\":\"" + tier + "\",\"messages\":[]}"))
                .build());
      }

      assertThat(scene.listener.reserved())
          .extracting(call -> call.pricing().tier())
          .containsExactly("priority", "flex");
    }
  }

  @Test
  void aHeldTokenIsACacheWriteInTheTierThatMayServeIt() {
    PriceBook prices =
        (key, usage) ->
            Rates.builder("t")
                .perMillion(Meter.INPUT, key.tier().equals("flex") ? "1" : "2")
                .perMillion(Meter.OUTPUT, "0")
                .perMillion(Meter.CACHE_WRITE_1H, key.tier().equals("flex") ? "2" : "4")
                .build()
                .costOf(usage);
    ConverseRequest flex =
        caching(Scene.CLAUDE, "1h").toBuilder().serviceTier(t -> t.type("flex")).build();

    UsageEvent event = event(s -> s.prices(prices), written(), flex);

    assertThat(event.call().estimatedCost().atLeastUsd())
        .isEqualByComparingTo(
            new BigDecimal(event.call().estimate().inputTokens())
                .multiply(new BigDecimal("0.000004")));
  }

  @Test
  void imagesThatAGuardrailLooksAtAreHeld() {
    ConverseRequest guarded =
        ConverseRequest.builder()
            .modelId(Scene.CLAUDE)
            .messages(
                m ->
                    m.role("user")
                        .content(
                            ContentBlock.fromImage(
                                i ->
                                    i.format("png")
                                        .source(
                                            s -> s.bytes(SdkBytes.fromByteArray(new byte[9]))))))
            .guardrailConfig(g -> g.guardrailIdentifier("g").guardrailVersion("1"))
            .inferenceConfig(c -> c.maxTokens(100))
            .build();

    UsageEvent event = event(s -> s, Reply.text("x").inputTokens(1).outputTokens(1), guarded);

    assertThat(event.call().estimate().count(Meter.guardrailUnits("contentPolicyImage")))
        .isEqualTo(1);
    assertThat(event.call().estimate().isBound()).isFalse();
  }
}
