// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.pricing.ProfileResolver.Answer;
import io.github.bedrockmeter.pricing.ProfileResolver.ResolvedModel;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overrides, discounts, aliases and foreign price maps. */
class OwnPricesTest {
  private static final String SONNET = "us.anthropic.claude-sonnet-4-6";

  @Test
  void anOverrideReplacesTheListPriceInEveryScopeAndRegion() {
    PriceCatalog prices =
        PriceCatalog.builder().override("anthropic.claude-sonnet-4-6", Meter.INPUT, "3.10").build();

    Cost cost = million(prices, SONNET, "eu-west-1", "standard", "2026-11-22");

    assertThat(cost.usd().orElseThrow()).isEqualByComparingTo("3.10");
    assertThat(((Cost.Known) cost).basis()).containsExactly(Basis.OVERRIDE);
    assertThat(million(prices, SONNET, "eu-west-1", "batch", "2026-11-22").atLeastUsd())
        .isEqualByComparingTo("1.65");
  }

  @Test
  void anOverrideMayNameATierAScopeARegionAndATime() {
    PriceCatalog prices =
        PriceCatalog.builder()
            .override("amazon.nova-pro-v1:0", Meter.INPUT, "0.70")
            .override(
                "amazon.nova-pro-v1:0",
                Meter.INPUT,
                "0.60",
                "standard",
                null,
                "eu-west-1",
                LocalDate.parse("2026-10-01"),
                LocalDate.parse("2026-12-01"))
            .build();

    assertThat(usd(prices, "amazon.nova-pro-v1:0", "us-east-1", "2026-11-22")).isEqualTo("0.7");
    assertThat(usd(prices, "amazon.nova-pro-v1:0", "eu-west-1", "2026-11-22")).isEqualTo("0.6");
    assertThat(usd(prices, "amazon.nova-pro-v1:0", "eu-west-1", "2026-12-01")).isEqualTo("0.7");
  }

  @Test
  void aDiscountComesOffTheProvidersListPrices() {
    PriceCatalog prices = PriceCatalog.builder().discount("anthropic", "12%").build();

    Cost cost = million(prices, SONNET, "us-east-1", "standard", "2026-11-22");

    assertThat(cost.usd().orElseThrow()).isEqualByComparingTo("2.904");
    assertThat(((Cost.Known) cost).basis()).containsExactly(Basis.DISCOUNT);
    assertThat(usd(prices, "amazon.nova-pro-v1:0", "us-east-1", "2026-11-22")).isEqualTo("0.8");
  }

  @Test
  void aModelsOwnDiscountReplacesItsProvidersAndAnOverrideIsFinal() {
    PriceCatalog prices =
        PriceCatalog.builder()
            .discount("anthropic", new BigDecimal("0.10"))
            .discount("anthropic.claude-sonnet-4-6", "20%")
            .override("anthropic.claude-opus-5", Meter.INPUT, "4")
            .build();

    assertThat(usd(prices, SONNET, "us-east-1", "2026-11-22")).isEqualTo("2.64");
    assertThat(usd(prices, "us.anthropic.claude-haiku-4-5", "us-east-1", "2026-11-22"))
        .isEqualTo("0.99");
    assertThat(usd(prices, "us.anthropic.claude-opus-5", "us-east-1", "2026-11-22")).isEqualTo("4");
  }

  @Test
  void aDiscountHoldsForItsTimeOnly() {
    PriceCatalog prices =
        PriceCatalog.builder()
            .discount("anthropic", "10%", LocalDate.parse("2026-10-01"), null)
            .build();

    assertThat(usd(prices, SONNET, "us-east-1", "2026-09-30")).isEqualTo("3.3");
    assertThat(usd(prices, SONNET, "us-east-1", "2026-10-01")).isEqualTo("2.97");
  }

  @Test
  void aMisspeltNameFailsAtStartUpAndNamesTheNearest() {
    PriceCatalog.Builder builder = PriceCatalog.builder();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.override("anthropic.claude-sonet-4-6", Meter.INPUT, "3"))
        .withMessageContaining("no model 'anthropic.claude-sonet-4-6'")
        .withMessageContaining("did you mean 'anthropic.claude-sonnet-4-6'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.discount("antropic", "12%"))
        .withMessageContaining("did you mean 'anthropic'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.discount("anthropic", "120%"))
        .withMessageContaining("120%");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.override("amazon.nova-pro-v1:0", Meter.INPUT, "cheap"))
        .withMessageContaining("'cheap' is not a decimal");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.variant("amazon.nova-pro-v1:0", "fast"))
        .withMessageContaining("has no variant 'fast'");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> PriceCatalog.builder().alias("support", "us.amazon.nova-por-v1:0").build())
        .withMessageContaining("alias 'support'")
        .withMessageContaining("did you mean 'amazon.nova-pro-v1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PriceCatalog.builder()
                    .override("amazon.nova-pro-v1:0", Meter.INPUT, "1")
                    .override("amazon.nova-pro-v1:0", Meter.INPUT, "2")
                    .build())
        .withMessageContaining("two rates of your own");
  }

  @Test
  void anAliasIsPricedAsWhatItStandsFor() {
    String profile =
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl";
    PriceCatalog prices =
        PriceCatalog.builder()
            .alias("support", profile)
            .alias(profile, "eu.anthropic.claude-sonnet-4-6")
            .build();

    assertThat(usd(prices, "support", "eu-west-1", "2026-11-22")).isEqualTo("3.3");
    assertThat(usd(prices, profile, "eu-west-1", "2026-11-22")).isEqualTo("3.3");
    assertThat(prices.modelOf("support")).contains("anthropic.claude-sonnet-4-6");
  }

  @Test
  void aliasesInACircleAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.builder().alias("arn:a", "arn:b").alias("arn:b", "arn:a"))
        .withMessageContaining("leads in a circle");
  }

  @Test
  void aResolverThatLeadsInACircleHasNoPrice() {
    PriceCatalog prices =
        PriceCatalog.builder()
            .resolver(arn -> new Answer.Found(List.of(ResolvedModel.of(arn))))
            .build();

    assertThat(
            ((Cost.Unknown)
                    million(
                        prices,
                        "arn:aws:bedrock:us-east-1:123456789012:prompt-router/abc",
                        "us-east-1",
                        "standard",
                        "2026-11-22"))
                .reason())
        .contains("leads in a circle");
  }

  @Test
  void theAliasesOfTheMeterAreAliasesOfTheCatalogue() {
    String profile =
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl";
    ModelAliases aliases =
        ModelAliases.none()
            .with("support", profile)
            .with(profile, "eu.anthropic.claude-sonnet-4-6");
    PriceCatalog prices = PriceCatalog.builder().aliases(aliases).build();

    assertThat(usd(prices, "support", "eu-west-1", "2026-11-22")).isEqualTo("3.3");
    assertThat(usd(prices, profile, "eu-west-1", "2026-11-22")).isEqualTo("3.3");
  }

  @Test
  void anArnMayHaveARateOfItsOwn() {
    String imported = "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl";
    PriceCatalog prices = PriceCatalog.builder().override(imported, Meter.INPUT, "0.9").build();

    assertThat(usd(prices, imported, "us-east-1", "2026-11-22")).isEqualTo("0.9");
  }

  @Test
  void ownPricesAreReadFromAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("prices.json");
    Files.writeString(
        file,
        """
        {"overrides": [
           {"model": "amazon.nova-pro-v1:0", "from": "2026-10-01", "usd": {"input": "0.70"},
            "note": "contract 17"}],
         "discounts": [{"provider": "anthropic", "share": "12%"}],
         "aliases": {"support": "us.anthropic.claude-sonnet-4-6"},
         "variants": {"anthropic.claude-3-5-sonnet-20241022-v2:0": "extended-access"}}""");

    PriceCatalog prices = PriceCatalog.builder().overrides(file).build();

    assertThat(usd(prices, "amazon.nova-pro-v1:0", "us-east-1", "2026-11-22")).isEqualTo("0.7");
    assertThat(usd(prices, "support", "us-east-1", "2026-11-22")).isEqualTo("2.904");
    assertThat(usd(prices, "anthropic.claude-3-5-sonnet-20241022-v2:0", "us-east-1", "2026-11-22"))
        .isEqualTo("5.28");
  }

  @Test
  void aMistakeInTheFileNamesItsRow(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("prices.json");
    Files.writeString(
        file,
        "{\"overrides\": [{\"model\": \"amazon.nova-por-v1:0\", \"usd\": {\"input\": \"1\"}}]}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.builder().overrides(file))
        .withMessageContaining("override 1 of prices.json")
        .withMessageContaining("did you mean 'amazon.nova-pro-v1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.builder().overrides(folder.resolve("absent.json")))
        .withMessageContaining("absent.json");
  }

  @Test
  void aPriceMapInLiteLlmsFormatIsAnOverlay() {
    String map =
        """
        {"us.acme.chat-v1:0": {"litellm_provider": "bedrock_converse",
            "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
            "cache_read_input_token_cost": 3e-07,
            "cache_creation_input_token_cost_above_1hr": 6e-06,
            "input_cost_per_token_above_200k_tokens": 6e-06,
            "input_cost_per_token_batches": 1.5e-06,
            "max_input_tokens": 1000000, "max_output_tokens": 64000},
         "bedrock/eu-west-1/acme.chat-v1:0": {"litellm_provider": "bedrock",
            "input_cost_per_token": 0.0000033},
         "gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 1}}""";
    PriceCatalog prices = PriceCatalog.builder().overlayLiteLlm("map", in(map)).build();

    assertThat(usd(prices, "us.acme.chat-v1:0", "us-east-1", "2026-11-22")).isEqualTo("3");
    assertThat(usd(prices, "acme.chat-v1:0", "eu-west-1", "2026-11-22")).isEqualTo("3.3");
    assertThat(
            million(prices, "us.acme.chat-v1:0", "us-east-1", "batch", "2026-11-22").atLeastUsd())
        .isEqualByComparingTo("3");
    Usage hour =
        Usage.builder(Source.BODY)
            .count(Meter.CACHE_WRITE_1H, 1_000)
            .count(Meter.CACHE_READ, 1_000)
            .build();
    assertThat(
            prices
                .costOf(key("us.acme.chat-v1:0", "us-east-1", "standard", "2026-11-22"), hour)
                .usd()
                .orElseThrow())
        .isEqualByComparingTo("0.0063");
    assertThat(prices.limitsOf("us.acme.chat-v1:0").maxOutputTokens()).isEqualTo(64_000L);
    assertThat(prices.modelOf("gpt-x")).isEmpty();
  }

  private static String usd(PriceCatalog prices, String model, String region, String day) {
    // Fewer tokens than any context band, scaled up exactly.
    return prices
        .costOf(key(model, region, "standard", day), Usage.ofTokens(100_000, 0))
        .usd()
        .orElseThrow()
        .movePointRight(1)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static Cost million(
      PriceCatalog prices, String model, String region, String tier, String day) {
    return prices.costOf(key(model, region, tier, day), Usage.ofTokens(1_000_000, 0));
  }

  private static PriceKey key(String model, String region, String tier, String day) {
    return new PriceKey(model, region, tier, Instant.parse(day + "T00:00:00Z"));
  }

  private static InputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
