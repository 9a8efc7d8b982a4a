// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Instant;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the catalogue says and charges for a model that is newer than it. */
class NewModelsTest {
  private static final Instant NOVEMBER = Instant.parse("2026-11-28T00:00:00Z");
  private static final Pattern LINE = Pattern.compile("\\.alias\\(\"([^\"]+)\", \"([^\"]+)\"\\)");

  private final PriceCatalog prices = PriceCatalog.bundled();

  @ParameterizedTest
  @CsvSource({
    "us.anthropic.claude-haiku-6, anthropic.claude-haiku-5-5",
    "anthropic.claude-opus-5-7, anthropic.claude-opus-5-5",
    "anthropic.claude-sonnet-6-20270101-v1:0, anthropic.claude-sonnet-5-5",
    "anthropic.claude-fable-5-2, anthropic.claude-fable-5-1",
    "openai.gpt-6.2-luna, openai.gpt-6-luna",
    "openai.gpt-5.7-terra, openai.gpt-5.6-terra",
    "amazon.nova-3-lite-v1:0, amazon.nova-2-lite-v1:0",
    "moonshotai.kimi-k4, moonshotai.kimi-k3",
    "zai.glm-5.9, zai.glm-5",
    "zai.glm-5.3, zai.glm-5",
    "xai.grok-4.7, xai.grok-4.6",
    "minimax.minimax-m2.7, minimax.minimax-m2.5"
  })
  void aNewModelsNearestRelativeIsNamedInALineToPaste(String model, String relative) {
    String reason = reason(model);

    Matcher line = LINE.matcher(reason);
    assertThat(line.find()).as(reason).isTrue();
    assertThat(line.group(2)).isEqualTo(relative);
    assertThat(PriceCatalog.builder().alias(line.group(1), line.group(2)).build().modelOf(model))
        .contains(relative);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anthropic.claude-saga-1",
        "anthropic.claude-haiku-9",
        "openai.gpt-9",
        "meta.llama9-v1:0",
        "amazon.nova-colossus-v1:0",
        "acme.chat-v1:0",
        "qwen.qwen3-900b",
        "x.y"
      })
  void acrossFamiliesOrGenerationsNothingIsSuggested(String model) {
    assertThat(reason(model)).doesNotContain("did you mean").doesNotContain(".alias(");
    assertThat(reason(model)).contains("CONSERVATIVE").contains("\"model\": \"" + model + "\"");
  }

  @Test
  void aMisspeltNameIsCorrectedWithinItsProviderAndVersion() {
    assertThat(reason("anthropic.claude-hiaku-5-5"))
        .contains("did you mean 'anthropic.claude-haiku-5-5'?");
  }

  @Test
  void noSuggestionForAnyModelLeftOutOfTheCatalogueIsAHundredTimesTooHigh() {
    int suggested = 0;
    for (String model : prices.models()) {
      var others = new java.util.ArrayList<>(prices.models());
      others.remove(model);
      String relative = Relatives.of(model, others).orElse(null);
      Cost own = price(model);
      Cost other = relative == null ? own : price(relative);
      if (relative != null && own instanceof Cost.Known one && other instanceof Cost.Known two) {
        suggested++;
        assertThat(two.amountUsd())
            .as(model + " as " + relative)
            .isLessThan(one.amountUsd().multiply(java.math.BigDecimal.valueOf(20)));
      }
    }
    assertThat(suggested).isGreaterThan(20);
  }

  @Test
  void conservativePricesAreThoseOfTheDay() {
    PriceCatalog catalog =
        PriceCatalog.builder()
            .override(
                "anthropic.claude-opus-5",
                Meter.INPUT,
                "500",
                LocalDate.parse("2026-10-01"),
                LocalDate.parse("2026-11-01"))
            .build();

    assertThat(conservative(catalog, "anthropic.claude-saga-1", "2026-10-15T00:00:00Z"))
        .isEqualTo("500");
    assertThat(conservative(catalog, "anthropic.claude-saga-1", "2026-11-15T00:00:00Z"))
        .isEqualTo(conservative(prices, "anthropic.claude-saga-1", "2026-11-15T00:00:00Z"))
        .isNotEqualTo("500");
  }

  @Test
  void conservativePricesFollowTheProvidersDiscount() {
    PriceCatalog half = PriceCatalog.builder().discount("anthropic", "50%").build();
    String day = "2026-11-15T00:00:00Z";

    assertThat(new java.math.BigDecimal(conservative(half, "anthropic.claude-saga-1", day)))
        .isEqualByComparingTo(
            new java.math.BigDecimal(conservative(prices, "anthropic.claude-saga-1", day))
                .divide(java.math.BigDecimal.valueOf(2)));
    assertThat(conservative(half, "openai.gpt-9", day))
        .isEqualTo(conservative(prices, "openai.gpt-9", day));
  }

  @Test
  void aMeterWithoutAPriceLeavesTheOthersExact() {
    Usage usage =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1_000_000)
            .count(new Meter("toolRuns.code_execution"), 0)
            .count(Meter.CACHE_WRITE_30M, 1_000_000)
            .build();
    PriceKey key = key("amazon.nova-pro-v1:0", NOVEMBER);

    Cost cost = prices.conservativeCostOf(key, usage);

    assertThat(prices.costOf(key, usage)).isInstanceOf(Cost.Unknown.class);
    Cost.Known known = (Cost.Known) cost;
    assertThat(known.lines())
        .filteredOn(line -> line.meter().equals(Meter.INPUT))
        .singleElement()
        .satisfies(line -> assertThat(line.usd()).isEqualByComparingTo("0.8"));
    assertThat(known.lines())
        .filteredOn(line -> line.meter().equals(Meter.CACHE_WRITE_30M))
        .singleElement()
        .satisfies(line -> assertThat(line.rate().basis()).contains(Basis.CONSERVATIVE));
  }

  private static String conservative(PriceCatalog catalog, String model, String at) {
    return catalog
        .conservativeCostOf(key(model, Instant.parse(at)), Usage.ofTokens(1_000_000, 0))
        .usd()
        .orElseThrow()
        .stripTrailingZeros()
        .toPlainString();
  }

  private Cost price(String model) {
    return prices.costOf(key(model, NOVEMBER), Usage.ofTokens(1_000, 100));
  }

  private String reason(String model) {
    return ((Cost.Unknown) price(model)).reason();
  }

  private static PriceKey key(String model, Instant at) {
    return new PriceKey(model, "us-east-1", "standard", at);
  }
}
