// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.pricing.UsageTypes.NotUnderstood;
import io.github.bedrockmeter.pricing.UsageTypes.Understood;
import io.github.bedrockmeter.usage.Meter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Usage types as they stand on bills: AWS's own, and those of the Marketplace. */
class UsageTypesTest {
  private final UsageTypes types = new UsageTypes();

  @ParameterizedTest
  @CsvSource({
    "USE1-NovaPro-input-tokens, amazon.nova-pro-v1:0, input",
    "USE1-NovaPro-cache-read-input-token-count, amazon.nova-pro-v1:0, cacheRead",
    "USE1-Llama3-1-405B-input-tokens-batch, meta.llama3-1-405b-instruct-v1:0, input",
    "USE1-Nova2.0Lite-output-tokens-flex-cross-region-global, amazon.nova-2-lite-v1:0, output",
    "USE1-Qwen3-32B-input-tokens-priority, qwen.qwen3-32b-v1:0, input",
    "USE1-qwen.qwen3-32b-mantle-input-tokens-standard, qwen.qwen3-32b, input",
    "USE1-Claude4.6Sonnet-input-tokens, anthropic.claude-sonnet-4-6, input",
    "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global, anthropic.claude-opus-4-6-v1, cacheRead",
    "USE1-anthropic.claude-opus-5-mantle-output-tokens-global-standard, anthropic.claude-opus-5, output",
    "USE1-anthropic.claude-sonnet-5-mantle-cache-write-tokens-1h-standard, anthropic.claude-sonnet-5, cacheWrite.1h",
    "USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global, anthropic.claude-sonnet-4-20250514-v1:0, input",
    "USE1-Guardrail-ContentPolicyUnitsConsumed, guardrails, guardrailUnits.contentPolicy",
    "USE1-AmazonRerank-v1-searchunits, amazon.rerank-v1:0, searchUnits",
    "USE1-Qwen3-32B-ProvisionedThroughput-NoCommit-ModelUnits, qwen.qwen3-32b-v1:0, modelUnitHours[none]"
  })
  void theTypesOfAwsNameTheirModel(String usageType, String model, String meter) {
    String unit = usageType.contains("token") ? "1K tokens" : "";

    Understood read = understood(usageType, unit, "Amazon Bedrock", null);

    assertThat(read.model()).isEqualTo(model);
    assertThat(read.meter()).isEqualTo(new Meter(meter));
    assertThat(read.region()).isEqualTo("us-east-1");
    assertThat(read.unitsEach()).isEqualTo(unit.isEmpty() ? 1 : 1000);
    assertThat(read.isGlobal()).isEqualTo(usageType.contains("global"));
    assertThat(read.isCapacity()).isEqualTo(usageType.endsWith("ModelUnits"));
  }

  @Test
  void aTypeOfTheMarketplaceIsReadWithItsProduct() {
    Understood read =
        understood(
            "EU-MP:EU_InputTokenCount_Global-Units",
            "Units",
            "Claude Haiku 4.5 (Amazon Bedrock Edition)",
            null);

    assertThat(read.model()).isEqualTo("anthropic.claude-haiku-4-5-20251001-v1:0");
    assertThat(read.region()).isEqualTo("eu-west-1");
    assertThat(read.isGlobal()).isTrue();
    assertThat(read.unitsEach()).isEqualTo(1_000_000);
    assertThat(
            understood(
                    "USW2-MP:USW2_input_tokens_long_ctx_standard-Units",
                    "Units",
                    "OpenAI GPT-5.6 Terra (Amazon Bedrock Edition)",
                    null)
                .above())
        .isEqualTo(272_000);
  }

  @Test
  void withoutAProductTheModelOfTheResourceHolds() {
    Understood read =
        understood(
            "USE1-MP:USE1_OutputTokenCount-Units", "Units", null, "us.anthropic.claude-sonnet-4-6");

    assertThat(read.model()).isEqualTo("anthropic.claude-sonnet-4-6");
    assertThat(types.read("USE1-MP:USE1_OutputTokenCount-Units", "Units", null, null))
        .isInstanceOf(NotUnderstood.class);
  }

  @Test
  void theUnitIsThatOfTheRow() {
    assertThat(
            understood("USE1-xai.grok-4.3-mantle-input-tokens-standard", "1M tokens", null, null)
                .unitsEach())
        .isEqualTo(1_000_000);
    assertThat(
            understood(
                    "USE1-MP:USE1_created_image-Units", "Units", null, "stability.sd3-5-large-v1:0")
                .unitsEach())
        .isEqualTo(1);
    assertThat(types.read("USE1-NovaPro-input-tokens", "2K tokens", null, null))
        .isEqualTo(new NotUnderstood("unit '2K tokens' is not one known for input"));
  }

  @Test
  void oneUnknownWordIsEnoughNotToUnderstandIt() {
    assertThat(types.read("USE1-NovaPro-input-tokens-turbo", "1K tokens", null, null))
        .isEqualTo(new NotUnderstood("a usage type that is not known"));
    assertThat(types.read("USE1-NovaHuge-input-tokens", "1K tokens", null, null))
        .isEqualTo(
            new NotUnderstood("no model is known by the name 'NovaHuge'; add it with --name"));
    assertThat(
            new UsageTypes()
                .name("NovaHuge", "amazon.nova-premier-v1:0")
                .read("USE1-NovaHuge-input-tokens", "1K tokens", null, null))
        .isInstanceOf(Understood.class);
  }

  private Understood understood(
      String usageType, String unit, @Nullable String product, @Nullable String model) {
    UsageTypes.Reading reading = types.read(usageType, unit, product, model);
    assertThat(reading).as(usageType).isInstanceOf(Understood.class);
    return (Understood) reading;
  }
}
