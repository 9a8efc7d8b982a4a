// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage types, offers and maps that importers used to leave out. */
class ImportersTest {

  @ParameterizedTest
  @CsvSource({
    "EU-MP:EU_InputTokenCount_Global-Units, input, global, ",
    "EU-MP:EU_cache_write_tokens_1h_standard-Units, cacheWrite.1h, , standard",
    "EU-Qwen3-32B-output-tokens-batch, output, , batch",
    "USE1-xai.grok-4.3-mantle-cache-write-tokens-1h-standard, cacheWrite.1h, , standard",
    "USE1-xai.grok-4.3-mantle-cache-write-1h-tokens-standard, cacheWrite.1h, , standard",
    "USE1-x.y-mantle-cache-write-tokens-30m-global-standard, cacheWrite.30m, global, standard",
    "USE1-Claude-cache-write-1h-input-token-count, cacheWrite.1h, , ",
    "USE1-Claude-cache-write-30m-input-token-count-flex, cacheWrite.30m, , flex",
    "USE1-Claude-input-token-count-global, input, global, ",
    "USE1-Claude-output-token-count, output, , ",
    "USE1-MP:USE1_cached_input_tokens_standard-Units, cacheRead, , standard",
    "USE1-MP:USE1_cache_writes_tokens_standard-Units, cacheWrite.5m, , standard",
    "USE1-Guardrail-ContentPolicyUnitsConsumed, guardrailUnits.contentPolicy, , ",
    "USE1-Guardrail-ContentPolicyImageUnitsConsumed, guardrailUnits.contentPolicyImage, , ",
    "EU-Guardrail-AutomatedReasoningPolicyUnitsConsumed, guardrailUnits.automatedReasoningPolicy, , ",
    "USE1-Guardrail-SensitiveInformationPolicyPaidUnitsConsumed, guardrailUnits.sensitiveInformationPolicy, , "
  })
  void aUsageTypeIsReadByWhatEachWordMeans(String text, String meter, String scope, String tier) {
    UsageType type = Objects.requireNonNull(UsageType.read(text), text);

    assertThat(type.meter()).isEqualTo(new Meter(meter));
    assertThat(type.scope() == null ? null : type.scope().label()).isEqualTo(scope);
    assertThat(type.tier()).isEqualTo(tier);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "USE1-MP:USE1_Cohere_Embed_V4-Units",
        "USE1-Qwen3-32B-input-tokens-something-new",
        "USE1-x.y-mantle-input-tokens-1h-standard",
        "XX-MP:XX_InputTokenCount-Units",
        "USE1-Bedrock-Websearch-Queries"
      })
  void aWordThatIsNotKnownIsNotGuessed(String text) {
    assertThat(UsageType.read(text)).isNull();
  }

  @Test
  void irelandsPricesAreImported() {
    PriceListImporter.Result result =
        new PriceListImporter()
            .read("offer", stream(product("EU-MP:EU_InputTokenCount_Global-Units", "eu-west-1")))
            .result("test");

    assertThat(result.figures()).isEqualTo(1);
    assertThat(result.leftOut()).isEmpty();
    assertThat(result.overlay()).contains("\"anthropic.claude-haiku-5-5\"").contains("eu-west-1");
  }

  @Test
  void theThresholdOfALongBandIsDataAndHoldsForAnyProvider() {
    String offers =
        """
        {"modelId": "acme.chat-v1:0", "offers": [{"offerId": "offer-1", "termDetails":
          {"usageBasedPricingTerm": {"rateCard": [
            {"dimension": "USE1_input_tokens_long_ctx_standard", "price": "7", "unit": "Units"}]}}}]}
        """;
    LocalDate day = LocalDate.parse("2026-11-28");

    PriceListImporter.Result without =
        new PriceListImporter().readOffers("offers", stream(offers), day).result("a");
    PriceListImporter.Result with =
        new PriceListImporter()
            .threshold("acme.chat-v1:0", 64_000)
            .readOffers("offers", stream(offers), day)
            .result("b");

    assertThat(without.leftOut()).singleElement().asString().contains("threshold(..)");
    assertThat(with.overlay()).contains("\"above\": 64000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PriceListImporter().threshold("a.b", 0))
        .withMessageContaining("272000");
  }

  @Test
  void agreementOffersBecomeAnOverlayWithTheNegotiatedPrice() {
    String offers =
        """
        {"modelId": "anthropic.claude-haiku-5-5", "offers": [{"offerId": "offer-7", "termDetails":
          {"usageBasedPricingTerm": {"rateCard": [
            {"dimension": "EU_InputTokenCount_Global", "price": "0.07", "unit": "Units"},
            {"dimension": "USE1_input_tokens_long_ctx_standard", "price": "0.5", "unit": "Units"},
            {"dimension": "USE1_Something", "price": "1", "unit": "Units"},
            {"dimension": "ZZZ9_InputTokenCount", "price": "1", "unit": "Units"}]}}}]}
        """;
    PriceListImporter.Result result =
        new PriceListImporter()
            .readOffers("offers", stream(offers), LocalDate.parse("2026-11-28"))
            .result("contract");

    assertThat(result.figures()).isEqualTo(2);
    assertThat(result.leftOut()).hasSize(2).allMatch(line -> line.startsWith("offer-7 ("));
    assertThat(result.overlay()).contains("\"above\": 100000");
    PriceCatalog prices =
        PriceCatalog.builder().overlay("contract", stream(result.overlay())).build();
    PriceQuery query =
        PriceQuery.of(
            new PriceKey(
                "global.anthropic.claude-haiku-5-5",
                "eu-west-1",
                "standard",
                Instant.parse("2026-11-28T00:00:00Z")),
            1);
    assertThat(
            Objects.requireNonNull(
                    ((RateAnswer.Found) prices.ratesOf(query)).rates().rate(Meter.INPUT))
                .usd())
        .isEqualByComparingTo("0.07");
  }

  @Test
  void liteLlmsWritesForThirtyMinutesHaveTheirMeter() {
    String map =
        """
        {"openai.gpt-7": {"litellm_provider": "bedrock", "input_cost_per_token": 0.000001,
          "cache_creation_input_token_cost_above_30m": 0.00000125,
          "cache_creation_input_token_cost_above_1hr": 0.000002}}
        """;
    PriceCatalog prices = PriceCatalog.builder().overlayLiteLlm("map", stream(map)).build();
    PriceQuery query =
        PriceQuery.of(
            new PriceKey(
                "openai.gpt-7", "us-east-1", "standard", Instant.parse("2026-11-28T00:00:00Z")),
            1);

    assertThat(
            Objects.requireNonNull(
                    ((RateAnswer.Found) prices.ratesOf(query)).rates().rate(Meter.CACHE_WRITE_30M))
                .usd())
        .isEqualByComparingTo("1.25");
  }

  @Test
  void anOverlayThatGivesLimitsKeepsTheFamilyOfTheModel() {
    String map =
        """
        {"anthropic.claude-opus-5": {"litellm_provider": "bedrock", "max_input_tokens": 900000,
          "input_cost_per_token": 0.00001, "output_cost_per_token": 0.00002}}
        """;
    PriceCatalog prices = PriceCatalog.builder().overlayLiteLlm("map", stream(map)).build();

    assertThat(prices.limitsOf("anthropic.claude-opus-5").contextTokens()).isEqualTo(900_000L);
    assertThat(prices.limitsOf("anthropic.claude-opus-5").maxOutputTokens()).isNotNull();
    assertThat(prices.modelOf("anthropic.claude-opus-5-v1")).contains("anthropic.claude-opus-5");
  }

  private static String product(String usageType, String region) {
    return """
        {"publicationDate": "2026-11-01T00:00:00Z",
         "products": {"SKU1": {"attributes": {"usagetype": "%s", "regionCode": "%s",
           "servicename": "Claude Haiku 5.5 (Amazon Bedrock Edition)"}}},
         "terms": {"OnDemand": {"SKU1": {"T": {"effectiveDate": "2026-11-01T00:00:00Z",
           "priceDimensions": {"D": {"unit": "Units", "beginRange": "0",
             "pricePerUnit": {"USD": "0.1"}}}}}}}}
        """
        .formatted(usageType, region);
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
