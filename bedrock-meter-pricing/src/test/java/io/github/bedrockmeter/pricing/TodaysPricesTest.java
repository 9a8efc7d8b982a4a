// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook.ModelLimits;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that were found in the catalogue of August 2026, each with its siblings. */
class TodaysPricesTest {
  private static final Instant OCTOBER = Instant.parse("2026-10-08T12:00:00Z");

  private final PriceCatalog prices = PriceCatalog.bundled();

  @ParameterizedTest
  @CsvSource({
    "anthropic.claude-haiku-5-5, 0.11, 0.55",
    "global.anthropic.claude-haiku-5-5, 0.1, 0.5",
    "us.openai.gpt-6-luna, 0.11, 0.55",
    "global.openai.gpt-6-sol, 2, 10",
    "global.moonshotai.kimi-k3, 3, 15",
    "moonshotai.kimi-k3, 3.3, 16.5"
  })
  void newModelsHaveTheirPrices(String model, String input, String output) {
    assertThat(exact(model, "us-east-1", "standard", 0, Meter.INPUT)).isEqualByComparingTo(input);
    assertThat(exact(model, "us-east-1", "standard", 0, Meter.OUTPUT)).isEqualByComparingTo(output);
  }

  @Test
  void kimiK3sCacheHasItsOwnRates() {
    assertThat(exact("us.moonshotai.kimi-k3", "us-east-1", "standard", 0, Meter.CACHE_READ))
        .isEqualByComparingTo("0.33");
    assertThat(exact("global.moonshotai.kimi-k3", "us-east-1", "standard", 0, Meter.CACHE_WRITE_5M))
        .isEqualByComparingTo("3.75");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zai.glm-5.3", "xai.grok-4.7", "amazon.titan-embed-g1-text-02", "us.zai.glm-5.3"})
  void aModelOfWhichOnlyTheNameIsPublicIsKnownAndUnpricedWithTheReason(String model) {
    Cost cost = prices.costOf(key(model, "us-east-1", "standard"), Usage.ofTokens(1, 1));

    assertThat(prices.modelOf(model)).isPresent();
    assertThat(((Cost.Unknown) cost).reason())
        .contains("but no price of it")
        .contains(ModelId.of(model).baseId())
        .doesNotContain("did you mean");
  }

  @Test
  void haiku55sLongBandBeginsAbove100000PromptTokensCacheIncluded() {
    Usage.Builder cached =
        Usage.builder(Source.BODY).count(Meter.INPUT, 1).count(Meter.CACHE_READ, 99_999);

    assertThat(usd("anthropic.claude-haiku-5-5", cached.build())).isEqualTo("0.001100099");
    assertThat(usd("anthropic.claude-haiku-5-5", cached.count(Meter.CACHE_WRITE_5M, 1).build()))
        .isEqualTo("0.0055011825");
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic.claude-opus-5-5, 2026-10-08, 0.22",
    "global.anthropic.claude-opus-5-5, 2026-10-08, 0.2",
    "anthropic.claude-sonnet-5-5, 2026-10-08, 0.11",
    "global.anthropic.claude-sonnet-5-5, 2026-10-07, 0.1",
    "global.anthropic.claude-sonnet-5-5, 2026-10-06, 0.2",
    "anthropic.claude-sonnet-5-5, 2026-10-06, 0.22"
  })
  void aQuotedCacheReadBeatsTheFamilysRatio(String model, String day, String usd) {
    PriceKey key = new PriceKey(model, "us-east-1", "standard", Instant.parse(day + "T00:00:00Z"));
    Rate rate = rate(PriceQuery.of(key, 0), Meter.CACHE_READ);

    assertThat(rate.usd()).isEqualByComparingTo(usd);
    assertThat(rate.basis()).isEmpty();
  }

  @Test
  void fable51sHourWritesAreTwiceTheInput() {
    assertThat(
            exact("anthropic.claude-fable-5-1", "eu-west-1", "standard", 0, Meter.CACHE_WRITE_1H))
        .isEqualByComparingTo("22");
    assertThat(
            exact(
                "global.anthropic.claude-fable-5-1",
                "eu-west-1",
                "standard",
                0,
                Meter.CACHE_WRITE_1H))
        .isEqualByComparingTo("20");
  }

  @ParameterizedTest
  @CsvSource({
    "openai.gpt-5.4, 5.5",
    "openai.gpt-5.5, 13.75",
    "openai.gpt-5.6-luna, 0.44",
    "openai.gpt-5.6-terra, 4.4",
    "openai.gpt-5.6-sol, 8.8",
    "openai.gpt-6-luna, 0.22",
    "openai.gpt-6-sol, 4.4",
    "openai.gpt-6-astra, 22",
    "openai.gpt-6.1-sol, 4.4"
  })
  void priorityOfOpenAiIsWhatItsOwnRowsSay(String model, String usd) {
    assertThat(exact(model, "us-east-1", "priority", 0, Meter.INPUT)).isEqualByComparingTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    "global.openai.gpt-5.5, input, 0, 12.5",
    "global.openai.gpt-5.5, cacheRead, 0, 1.25",
    "openai.gpt-5.5, input, 300000, 27.5",
    "global.openai.gpt-6.1-sol, output, 0, 20",
    "us.openai.gpt-6-luna, cacheRead, 0, 0.022"
  })
  void whereAPriorityRowIsMissingTheModelsOwnRatioHolds(
      String model, String meter, long tokens, String usd) {
    Rate rate = rate(PriceQuery.of(key(model, "us-east-1", "priority"), tokens), new Meter(meter));

    assertThat(rate.usd()).isEqualByComparingTo(usd);
    assertThat(rate.basis()).contains(Basis.TIER_RATIO);
  }

  @ParameterizedTest
  @CsvSource({
    "openai.gpt-5.4, 5.5, 24.75",
    "global.openai.gpt-5.4, 5, 22.5",
    "openai.gpt-5.5, 11, 49.5",
    "global.openai.gpt-5.5, 10, 45",
    "us.openai.gpt-5.6-sol, 8.8, 33",
    "global.openai.gpt-5.6-sol, 8, 30",
    "global.openai.gpt-5.6-luna, 0.4, 1.8",
    "global.openai.gpt-5.6-terra, 4, 18",
    "global.openai.gpt-6-astra, 20, 75"
  })
  void requestsAbove272000TokensHaveTheLongRates(String model, String input, String output) {
    assertThat(exact(model, "us-east-1", "standard", 272_001, Meter.INPUT))
        .isEqualByComparingTo(input);
    assertThat(exact(model, "us-east-1", "standard", 272_001, Meter.OUTPUT))
        .isEqualByComparingTo(output);
  }

  @Test
  void aLongRequestIsUnknownWhereTheBandIsKnownAndItsRowIsNot() {
    PriceCatalog overlaid =
        overlay(
            """
            "models": {"openai.gpt-7": {"longContextAbove": 272000}},
            "rates": [{"model": "openai.gpt-7", "scopes": ["in_region"], "regions": ["*"],
                       "unit": "1M tokens", "usd": {"input": "1", "output": "2"}}]
            """);

    assertThat(overlaid.costOf(key("openai.gpt-7", "us-east-1", "standard"), tokens(272_000)).usd())
        .isPresent();
    assertThat(overlaid.costOf(key("openai.gpt-7", "us-east-1", "standard"), tokens(272_001)))
        .isInstanceOf(Cost.Unknown.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anthropic.claude-sonnet-4-6",
        "anthropic.claude-opus-4-6-v1",
        "anthropic.claude-opus-5",
        "anthropic.claude-opus-5-5",
        "anthropic.claude-sonnet-5",
        "anthropic.claude-sonnet-5-5",
        "anthropic.claude-fable-5",
        "anthropic.claude-fable-5-1"
      })
  void aModelWithOneFlatRateStaysFlatForItsWholeWindow(String model) {
    assertThat(exact(model, "us-east-1", "standard", 900_000, Meter.INPUT))
        .isEqualByComparingTo(exact(model, "us-east-1", "standard", 1, Meter.INPUT));
  }

  @ParameterizedTest
  @CsvSource({
    "qwen.qwen3-vl-235b-a22b, us-west-2, flex, 0.26",
    "qwen.qwen3-next-80b-a3b, us-east-1, priority, 0.26",
    "qwen.qwen3-vl-235b-a22b, eu-west-1, priority, 1.09"
  })
  void tiersThatAwsRoundsToCentsAreAwssOwn(String model, String region, String tier, String usd) {
    assertThat(exact(model, region, tier, 0, Meter.INPUT)).isEqualByComparingTo(usd);
  }

  @Test
  void aThirdPartysFigureAloneNeverLooksExact() {
    PriceKey before =
        new PriceKey(
            "qwen.qwen3-vl-235b-a22b", "us-west-2", "flex", Instant.parse("2026-09-01T00:00:00Z"));

    assertThat(rate(PriceQuery.of(before, 0), Meter.INPUT).basis())
        .containsExactly(Basis.SINGLE_SOURCE);
    assertThat(
            rate(
                    PriceQuery.of(
                        key("twelvelabs.marengo-embed-3-0-v1:0", "us-east-1", "standard"), 0),
                    new Meter("inputVideoSeconds"))
                .basis())
        .contains(Basis.SINGLE_SOURCE);
  }

  @ParameterizedTest
  @CsvSource({
    "us-east-1, 0.8",
    "ca-central-1, 0.9",
    "eu-west-1, 1",
    "ap-south-1, 1",
    "sa-east-1, 1.2"
  })
  void aPriceForEveryRegionDoesNotHideARegionsOwn(String region, String usd) {
    assertThat(exact("amazon.titan-embed-image-v1", region, "standard", 0, Meter.INPUT))
        .isEqualByComparingTo(usd);
  }

  @Test
  void theImagesOfTitanEmbeddingsElsewhereAreNotTheUnitedStatesExactly() {
    PriceQuery query =
        PriceQuery.of(key("amazon.titan-embed-image-v1", "sa-east-1", "standard"), 0);

    assertThat(rate(query, Meter.inputImages()).basis()).contains(Basis.REGION_FALLBACK);
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic.claude-fable-5, 12, 60",
    "anthropic.claude-fable-5-1, 12, 60",
    "anthropic.claude-opus-5, 6, 30",
    "us-gov.anthropic.claude-opus-5-5, 4.8, 24",
    "us-gov.anthropic.claude-sonnet-5-5, 2.4, 12",
    "anthropic.claude-haiku-5-5, 0.12, 0.6",
    "anthropic.claude-sonnet-5, 2.4, 12",
    "anthropic.claude-opus-4-8, 6, 30"
  })
  void govCloudHasItsOwnPrices(String model, String input, String output) {
    for (String region : Set.of("us-gov-west-1", "us-gov-east-1")) {
      assertThat(exact(model, region, "standard", 0, Meter.INPUT)).isEqualByComparingTo(input);
      assertThat(exact(model, region, "standard", 0, Meter.OUTPUT)).isEqualByComparingTo(output);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cohere.embed-v4:0, inputImages, us-east-1",
    "us.cohere.embed-v4:0, inputImages, us-east-1",
    "global.cohere.embed-v4:0, inputImages, us-east-1",
    "twelvelabs.marengo-embed-3-0-v1:0, inputImages, eu-west-1",
    "us.twelvelabs.marengo-embed-3-0-v1:0, inputVideoSeconds, us-east-1",
    "twelvelabs.marengo-embed-3-0-v1:0, inputAudioSeconds, ap-northeast-2",
    "twelvelabs.marengo-embed-2-7-v1:0, inputVideoSeconds, us-east-1",
    "us.twelvelabs.pegasus-1-2-v1:0, inputVideoSeconds, us-east-1",
    "global.twelvelabs.pegasus-1-2-v1:0, inputVideoSeconds, eu-west-2",
    "amazon.nova-2-multimodal-embeddings-v1:0, inputVideoSeconds, us-east-1",
    "amazon.titan-embed-image-v1, inputImages, us-east-1"
  })
  void whatEmbeddingModelsAreGivenHasAPrice(String model, String meter, String region) {
    Usage one = Usage.builder(Source.BODY).count(new Meter(meter), 10).build();

    assertThat(prices.costOf(key(model, region, "standard"), one).usd()).isPresent();
  }

  @Test
  void theSearchesOfNovasWebGroundingHaveAPrice() {
    Usage one = Usage.builder(Source.BODY).count(Meter.WEB_SEARCH, 1).build();

    for (String model :
        Set.of(
            "us.amazon.nova-2-lite-v1:0",
            "amazon.nova-premier-v1:0",
            "us.amazon.nova-2-pro-preview-20251202-v1:0",
            "amazon.nova-2-omni-v1:0")) {
      assertThat(prices.costOf(key(model, "us-east-1", "standard"), one).usd().orElseThrow())
          .isEqualByComparingTo("0.03");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "meta.llama4-maverick-17b-instruct-v1:0:1m, meta.llama4-maverick-17b-instruct-v1:0",
    "meta.llama4-scout-17b-instruct-v1:0:10m, meta.llama4-scout-17b-instruct-v1:0",
    "us.meta.llama4-scout-17b-instruct-v1:0:128k, meta.llama4-scout-17b-instruct-v1:0",
    "amazon.titan-embed-text-v1:2:8k, amazon.titan-embed-text-v1",
    "cohere.embed-english-v3:0:512, cohere.embed-english-v3",
    "amazon.nova-2-lite-v1:0:256k, amazon.nova-2-lite-v1:0",
    "global.anthropic.claude-sonnet-4-20250514-v1:0:200k, anthropic.claude-sonnet-4-20250514-v1:0"
  })
  void aContextWindowInTheIdIsNotPartOfTheModel(String id, String model) {
    assertThat(prices.modelOf(id)).contains(model);
  }

  @Test
  void theLimitsOfModelsAreTheLargestThatSourcesGive() {
    ModelLimits sonnet = prices.limitsOf("us.anthropic.claude-sonnet-4-5-20250929-v1:0");
    assertThat(sonnet.maxOutputTokens()).isEqualTo(64_000L);
    assertThat(sonnet.contextTokens()).isEqualTo(200_000L);
    assertThat(prices.limitsOf("amazon.nova-micro-v1:0").maxOutputTokens()).isEqualTo(10_000L);
    assertThat(prices.limitsOf("no.such-model")).isEqualTo(ModelLimits.UNKNOWN);
  }

  private static Usage tokens(long input) {
    return Usage.ofTokens(input, 1);
  }

  private static PriceCatalog overlay(String content) {
    String file =
        "{\"schema\": 1, \"currency\": \"USD\", \"version\": \"own\", \"asOf\": \"2026-10-08\", "
            + content
            + "}";
    return PriceCatalog.builder()
        .overlay("own", new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  private static PriceKey key(String model, String region, String tier) {
    return new PriceKey(model, region, tier, OCTOBER);
  }

  private String usd(String model, Usage usage) {
    return prices
        .costOf(key(model, "us-east-1", "standard"), usage)
        .usd()
        .orElseThrow()
        .toPlainString();
  }

  /** A rate that was found exactly. */
  private java.math.BigDecimal exact(
      String model, String region, String tier, long tokens, Meter meter) {
    Rate rate = rate(PriceQuery.of(key(model, region, tier), tokens), meter);
    assertThat(rate.basis()).as(model + " " + region + " " + meter).isEmpty();
    return rate.usdPerUnit().movePointRight(6);
  }

  private Rate rate(PriceQuery query, Meter meter) {
    RateAnswer answer = prices.ratesOf(query);
    assertThat(answer).as(query.toString()).isInstanceOf(RateAnswer.Found.class);
    return Objects.requireNonNull(
        ((RateAnswer.Found) answer).rates().rate(meter), query.toString());
  }
}
