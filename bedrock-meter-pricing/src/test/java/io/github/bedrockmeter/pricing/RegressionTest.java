// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The prices others got wrong, each as its own claim. */
class RegressionTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private final PriceCatalog prices = PriceCatalog.bundled();

  @Test
  void nova2LiteCostsMoreInRegionThanGlobal() {
    assertThat(perMillion("amazon.nova-2-lite-v1:0", "us-east-1", Meter.INPUT)).isEqualTo("0.33");
    assertThat(perMillion("us.amazon.nova-2-lite-v1:0", "us-east-1", Meter.INPUT))
        .isEqualTo("0.33");
    assertThat(perMillion("global.amazon.nova-2-lite-v1:0", "us-east-1", Meter.INPUT))
        .isEqualTo("0.3");
    assertThat(perMillion("global.amazon.nova-2-lite-v1:0", "ap-northeast-1", Meter.OUTPUT))
        .isEqualTo("3.01");
  }

  @Test
  void aBareClaudeIdCostsTheRegionalPrice() {
    assertThat(perMillion("anthropic.claude-sonnet-4-6", "us-east-1", Meter.INPUT))
        .isEqualTo("3.3");
    assertThat(perMillion("global.anthropic.claude-sonnet-4-6", "us-east-1", Meter.INPUT))
        .isEqualTo("3");
  }

  @Test
  void everyGeographicPrefixIsAScopeAndNotAModel() {
    for (String prefix : new String[] {"apac.", "au.", "in.", "jp.", "ca.", "eu.", "us.", "sa."}) {
      assertThat(perMillion(prefix + "anthropic.claude-sonnet-4-6", "ap-southeast-2", Meter.INPUT))
          .as(prefix)
          .isEqualTo("3.3");
    }
  }

  @Test
  void govCloudHasItsOwnPrices() {
    assertThat(
            perMillion(
                "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-gov-west-1", Meter.OUTPUT))
        .isEqualTo("18");
    assertThat(perMillion("amazon.nova-pro-v1:0", "us-gov-west-1", Meter.INPUT)).isEqualTo("0.96");
  }

  @Test
  void aCommercialPriceIsNeverUsedForGovCloud() {
    assertThat(cost("deepseek.v3.2", "us-gov-west-1", "standard", Usage.ofTokens(1, 1)))
        .isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void anHourOfCacheCostsTwiceTheInput() {
    assertThat(perMillion("anthropic.claude-sonnet-4-6", "us-east-1", Meter.CACHE_WRITE_1H))
        .isEqualTo("6.6");
    assertThat(perMillion("anthropic.claude-sonnet-4-6", "us-east-1", Meter.CACHE_WRITE_5M))
        .isEqualTo("4.125");
  }

  @Test
  void gpt56ChargesTheWholeRequestMoreAbove272000Tokens() {
    String model = "us.openai.gpt-5.6-terra";

    assertThat(usd(cost(model, "us-east-1", "standard", Usage.ofTokens(272_000, 1_000))))
        .isEqualTo("0.6116");
    assertThat(usd(cost(model, "us-east-1", "standard", Usage.ofTokens(272_001, 1_000))))
        .isEqualTo("1.2166044");
  }

  @Test
  void tokensReadFromTheCacheCountTowardsTheContextBand() {
    Usage cached =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1)
            .count(Meter.CACHE_READ, 200_000)
            .count(Meter.CACHE_WRITE_30M, 72_000)
            .build();

    Cost cost = cost("us.openai.gpt-5.6-terra", "us-east-1", "standard", cached);

    assertThat(usd(cost)).isEqualTo("0.4840044");
  }

  @Test
  void aLongRequestIsNeverPricedAtTheBaseRate() {
    Cost output =
        prices.costOf(
            new PriceKey(
                "us.openai.gpt-5.6-luna",
                "us-east-1",
                "standard",
                Instant.parse("2026-07-20T00:00:00Z")),
            Usage.ofTokens(300_000, 5));
    Cost before =
        prices.costOf(
            new PriceKey(
                "us.openai.gpt-5.6-terra",
                "us-east-1",
                "standard",
                Instant.parse("2026-07-20T00:00:00Z")),
            Usage.ofTokens(300_000, 5));

    assertThat(output).isInstanceOf(Cost.Unknown.class);
    assertThat(before).isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void aLongBatchRequestIsPricedFromTheLongRateAndSaysSo() {
    Rate rate =
        rate("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", "batch", 250_000);

    assertThat(rate.usd()).isEqualByComparingTo("3");
    assertThat(rate.basis()).containsExactlyInAnyOrder(Basis.TIER_RATIO, Basis.SINGLE_SOURCE);
  }

  @Test
  void fable51ReadsItsCacheForAQuarterOfFable5() {
    assertThat(perMillion("global.anthropic.claude-fable-5", "us-east-1", Meter.CACHE_READ))
        .isEqualTo("1");
    assertThat(perMillion("global.anthropic.claude-fable-5-1", "us-east-1", Meter.CACHE_READ))
        .isEqualTo("0.25");
    assertThat(perMillion("us.anthropic.claude-fable-5-1", "us-east-1", Meter.CACHE_READ))
        .isEqualTo("0.275");
  }

  @Test
  void sonnet5DidNotRiseInSeptember2026() {
    for (String day : new String[] {"2026-08-31T23:59:59Z", "2026-09-01T00:00:00Z"}) {
      Cost cost =
          prices.costOf(
              new PriceKey(
                  "global.anthropic.claude-sonnet-5", "us-east-1", "standard", Instant.parse(day)),
              Usage.ofTokens(1_000_000, 1_000_000));

      assertThat(usd(cost)).as(day).isEqualTo("12");
    }
  }

  @Test
  void gpt56FellOnThe30thOfJuly2026() {
    assertThat(terraOn("2026-07-29T23:59:59Z")).isEqualTo("2.75");
    assertThat(terraOn("2026-07-30T00:00:00Z")).isEqualTo("2.2");
  }

  @Test
  void solWasCheaperDuringItsPromotion() {
    assertThat(solOn("2026-09-22T23:59:59Z")).isEqualTo("38.5");
    assertThat(solOn("2026-09-23T00:00:00Z")).isEqualTo("26.4");
    assertThat(solOn("2026-11-22T00:00:00Z")).isEqualTo("38.5");
  }

  @Test
  void titanExpressCostFourTimesAsMuchIn2024() {
    PriceKey then =
        new PriceKey(
            "amazon.titan-text-express-v1",
            "us-east-1",
            "standard",
            Instant.parse("2024-07-01T00:00:00Z"));

    assertThat(usd(prices.costOf(then, Usage.ofTokens(1_000_000, 1_000_000)))).isEqualTo("2.4");
    assertThat(
            usd(
                cost(
                    "amazon.titan-text-express-v1",
                    "us-east-1",
                    "standard",
                    Usage.ofTokens(1_000_000, 1_000_000))))
        .isEqualTo("0.8");
  }

  @Test
  void claude35SonnetHasAPriceOfItsOwnUnderExtendedAccess() {
    String model = "anthropic.claude-3-5-sonnet-20241022-v2:0";
    PriceCatalog extended = PriceCatalog.builder().variant(model, "extended-access").build();
    PriceKey key = new PriceKey(model, "us-east-1", "standard", NOW);
    Usage usage =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1_000_000)
            .count(Meter.OUTPUT, 1_000_000)
            .count(Meter.CACHE_READ, 1_000_000)
            .count(Meter.CACHE_WRITE_5M, 1_000_000)
            .build();

    assertThat(usd(prices.costOf(key, usage))).isEqualTo("22.05");
    assertThat(usd(extended.costOf(key, usage))).isEqualTo("44.1");
  }

  @Test
  void haiku35CostsMoreWhenOptimisedForLatency() {
    String model = "us.anthropic.claude-3-5-haiku-20241022-v1:0";
    Usage usage = Usage.ofTokens(1_000_000, 1_000_000);

    assertThat(usd(cost(model, "us-east-2", "latency", usage))).isEqualTo("6");
    assertThat(usd(cost(model, "us-east-2", "optimized", usage))).isEqualTo("6");
    assertThat(usd(cost(model, "us-east-2", "standard", usage))).isEqualTo("4.8");
  }

  @Test
  void grokIsPricedByTheMillionAndNotByTheThousand() {
    assertThat(usd(cost("xai.grok-4.3", "us-east-1", "standard", Usage.ofTokens(1_000, 1_000))))
        .isEqualTo("0.00375");
  }

  @Test
  void nemotronSuperHasALondonPrice() {
    assertThat(
            usd(
                cost(
                    "nvidia.nemotron-super-3-120b",
                    "eu-west-2",
                    "standard",
                    Usage.ofTokens(1_000_000, 1_000_000))))
        .isEqualTo("1.24");
  }

  @Test
  void qwenNextDiffersByEndpoint() {
    PriceQuery query =
        PriceQuery.of(new PriceKey("qwen.qwen3-next-80b-a3b", "us-east-1", "standard", NOW), 0);

    assertThat(found(query).usd()).isEqualByComparingTo("0.15");
    assertThat(found(query.on(Endpoint.MANTLE)).usd()).isEqualByComparingTo("0.14");
  }

  @Test
  void rerankingIsPricedByTheQuery() {
    Usage fourUnits = Usage.builder(Source.REQUEST).count(Meter.SEARCH_UNITS, 4).build();

    assertThat(usd(cost("cohere.rerank-v3-5:0", "us-east-1", "standard", fourUnits)))
        .isEqualTo("0.008");
  }

  @Test
  void imagesArePricedBySizeAndQuality() {
    assertThat(image("amazon.nova-canvas-v1:0", Meter.outputImages("1024", "standard")))
        .isEqualTo("0.04");
    assertThat(image("amazon.nova-canvas-v1:0", Meter.outputImages("2048", "premium")))
        .isEqualTo("0.08");
    assertThat(image("stability.stable-image-core-v1:1", Meter.outputImages("1024", "standard")))
        .isEqualTo("0.04");
    assertThat(image("amazon.nova-reel-v1:0", new Meter("outputVideoSeconds"))).isEqualTo("0.08");
    assertThat(
            cost(
                "luma.ray-v2:0",
                "us-west-2",
                "standard",
                Usage.builder(Source.REQUEST).count(new Meter("outputVideoSeconds"), 5).build()))
        .isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void speechAndTextTokensOfSonicHaveTheirOwnPrices() {
    Usage session =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1_000_000)
            .count(new Meter("inputSpeechTokens"), 1_000_000)
            .count(new Meter("outputSpeechTokens"), 1_000_000)
            .build();

    assertThat(usd(cost("amazon.nova-2-sonic-v1:0", "us-east-1", "standard", session)))
        .isEqualTo("15.33");
  }

  @Test
  void theTextUnitsOfAGuardrailArePricedWithAnyModelsCall() {
    Usage guarded =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1_000_000)
            .count(Meter.guardrailUnits("topicPolicy"), 2)
            .count(Meter.guardrailUnits("wordPolicy"), 9)
            .build();

    assertThat(usd(cost("eu.amazon.nova-lite-v1:0", "eu-west-1", "standard", guarded)))
        .isEqualTo("0.0693");
    assertThat(
            usd(
                cost(
                    "arn:aws:bedrock:us-east-1:123456789012:guardrail/abcdefghijkl",
                    null,
                    "standard",
                    Usage.builder(Source.BODY)
                        .count(Meter.guardrailUnits("contentPolicy"), 1_000)
                        .build())))
        .isEqualTo("0.15");
  }

  @Test
  void capacityThatIsPaidByTheHourMakesACallFree() {
    String provisioned = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl";
    Cost call = cost(provisioned, "us-east-1", "standard", Usage.ofTokens(1_000, 1_000));
    Cost hour =
        cost(
            "amazon.nova-canvas-v1:0",
            "us-east-1",
            "provisioned",
            Usage.builder(Source.REQUEST).count(new Meter("modelUnitHours[6_month]"), 1).build());

    assertThat(usd(call)).isEqualTo("0");
    assertThat(((Cost.Known) call).basis()).containsExactly(Basis.CAPACITY);
    assertThat(usd(hour)).isEqualTo("30.25");
  }

  @Test
  void reservedTokensArePaidByTheirRate() {
    Usage used =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 5_000)
            .count(new Meter("inputTpmHours[1_month]"), 100_000)
            .build();

    Cost cost = cost("us.anthropic.claude-sonnet-4-6", "us-east-1", "reserved", used);

    assertThat(usd(cost)).isEqualTo("19.8");
  }

  @Test
  void nothingConsumedCostsNothing() {
    Cost cost = cost("anthropic.claude-sonnet-4-6", "us-east-1", "standard", Usage.NONE);

    assertThat(usd(cost)).isEqualTo("0");
  }

  @Test
  void anUnknownModelIsNotFreeAndTheReasonNamesTheNearest() {
    Cost cost =
        cost("us.anthropic.claude-sonet-4-6", "us-east-1", "standard", Usage.ofTokens(1, 1));

    assertThat(cost).isInstanceOf(Cost.Unknown.class);
    assertThat(((Cost.Unknown) cost).reason())
        .contains("does not know model 'anthropic.claude-sonet-4-6'")
        .contains("did you mean 'anthropic.claude-sonnet-4-6'?")
        .contains("overlay");
  }

  @Test
  void anUnknownTierIsNotTheStandardOne() {
    Cost cost = cost("anthropic.claude-sonnet-4-6", "us-east-1", "flexx", Usage.ofTokens(1, 1));

    assertThat(((Cost.Unknown) cost).reason()).contains("tier 'flexx'").contains("'flex'");
  }

  @Test
  void everyStepThatWasNotExactStandsOnTheRate() {
    assertThat(rate("amazon.nova-2-lite-v1:0", "mx-central-1", "standard", 0).basis())
        .containsExactly(Basis.REGION_FALLBACK);
    assertThat(rate("amazon.nova-premier-v1:0", "us-east-1", "priority", 0).basis())
        .containsExactly(Basis.TIER_RATIO);
    assertThat(rate("us.qwen.qwen3-32b-v1:0", "us-east-1", "flex", 0).basis()).isEmpty();
    assertThat(rate("global.deepseek.v3.2", "us-east-1", "standard", 0).basis())
        .containsExactly(Basis.SCOPE_FALLBACK);
    assertThat(
            found(
                    PriceQuery.of(
                        new PriceKey("anthropic.claude-opus-5", "us-gov-west-1", "standard", NOW),
                        0),
                    Meter.CACHE_WRITE_1H)
                .basis())
        .containsExactly(Basis.CACHE_RATIO);
    assertThat(rate("amazon.nova-pro-v1:0", "eu-central-1", "standard", 0).basis()).isEmpty();
  }

  @Test
  void aCallWithoutARegionIsPricedByTheBaselineAndSaysSo() {
    Rate rate = rate("amazon.nova-pro-v1:0", null, "standard", 0);

    assertThat(rate.usd()).isEqualByComparingTo("0.8");
    assertThat(rate.basis()).isEqualTo(Set.of(Basis.REGION_FALLBACK));
  }

  @Test
  void theContextWindowIsKnownWhereTheDataHasIt() {
    assertThat(prices.limitsOf("us.anthropic.claude-sonnet-4-6").contextTokens())
        .isEqualTo(1_000_000L);
    assertThat(prices.limitsOf("anthropic.claude-v2").contextTokens()).isEqualTo(100_000L);
    assertThat(prices.limitsOf("no.such-model").contextTokens()).isNull();
  }

  private String terraOn(String instant) {
    PriceKey key =
        new PriceKey("us.openai.gpt-5.6-terra", "us-east-1", "standard", Instant.parse(instant));
    return usd(
        prices.costOf(key, Usage.ofTokens(100_000, 0)).usd().orElseThrow().movePointRight(1));
  }

  private String solOn(String instant) {
    PriceKey key =
        new PriceKey("us.openai.gpt-5.6-sol", "us-east-1", "standard", Instant.parse(instant));
    return usd(
        prices.costOf(key, Usage.ofTokens(100_000, 100_000)).usd().orElseThrow().movePointRight(1));
  }

  private String image(String model, Meter meter) {
    return usd(
        cost(
            model, "us-east-1", "standard", Usage.builder(Source.REQUEST).count(meter, 1).build()));
  }

  private String perMillion(String model, String region, Meter meter) {
    PriceQuery query = PriceQuery.of(new PriceKey(model, region, "standard", NOW), 0);
    return usd(found(query, meter).usd());
  }

  private Rate rate(
      String model, @org.jspecify.annotations.Nullable String region, String tier, long input) {
    return found(PriceQuery.of(new PriceKey(model, region, tier, NOW), input));
  }

  private Rate found(PriceQuery query) {
    return found(query, Meter.INPUT);
  }

  private Rate found(PriceQuery query, Meter meter) {
    RateAnswer answer = prices.ratesOf(query);
    assertThat(answer).isInstanceOf(RateAnswer.Found.class);
    return java.util.Objects.requireNonNull(((RateAnswer.Found) answer).rates().rate(meter));
  }

  private Cost cost(
      String model, @org.jspecify.annotations.Nullable String region, String tier, Usage usage) {
    return prices.costOf(new PriceKey(model, region, tier, NOW), usage);
  }

  private static String usd(Cost cost) {
    return usd(cost.usd().orElseThrow(() -> new AssertionError(cost)));
  }

  private static String usd(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
