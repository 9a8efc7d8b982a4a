// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Each trap of AWS's offer files, with figures that AWS has published. */
class PriceListImporterTest {
  private static final String SONNET = "Claude Sonnet 4.6 (Amazon Bedrock Edition)";

  @Test
  void theTierIsFoundWhereverItIsStated() {
    PriceListImporter.Result result =
        imported(
            own("USE1-Qwen3-32B-input-tokens", "Qwen3 32B", "1K tokens", "0.0001500000"),
            own("USE1-Qwen3-32B-input-tokens-flex", "Qwen3 32B", "1K tokens", "0.0000750000"),
            own("USE1-Qwen3-32B-input-tokens", "Qwen3 32B", "1K tokens", "0.0002625000")
                .with("service_tier", "priority"),
            own("USE1-Qwen3-32B-input-tokens", "Qwen3 32B", "1K tokens", "0.0000750000")
                .with("feature", "Batch Inference")
                .with("inferenceType", "Input tokens batch"));

    assertThat(result.leftOut()).isEmpty();
    assertThat(rate(result, "qwen.qwen3-32b-v1:0", "standard", Meter.INPUT)).isEqualTo("0.15");
    assertThat(rate(result, "qwen.qwen3-32b-v1:0", "flex", Meter.INPUT)).isEqualTo("0.075");
    assertThat(rate(result, "qwen.qwen3-32b-v1:0", "priority", Meter.INPUT)).isEqualTo("0.2625");
    assertThat(rate(result, "qwen.qwen3-32b-v1:0", "batch", Meter.INPUT)).isEqualTo("0.075");
  }

  @Test
  void tiersThatContradictEachOtherAreAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                imported(
                    own("USE1-Qwen3-32B-input-tokens-flex", "Qwen3 32B", "1K tokens", "0.1")
                        .with("service_tier", "priority")))
        .withMessageContaining("SKU0")
        .withMessageContaining("[flex, priority]");
  }

  @Test
  void aCacheReadIsNotAnInputToken() {
    PriceListImporter.Result result =
        imported(
            own("USE1-NovaPro-cache-read-input-token-count", "Nova Pro", "1K tokens", "0.0002"),
            own("USE1-NovaPro-input-tokens", "Nova Pro", "1K tokens", "0.0008"));

    assertThat(rate(result, "amazon.nova-pro-v1:0", "standard", Meter.CACHE_READ)).isEqualTo("0.2");
    assertThat(rate(result, "amazon.nova-pro-v1:0", "standard", Meter.INPUT)).isEqualTo("0.8");
  }

  @Test
  void theTwoEndpointsMayDiffer() {
    PriceListImporter.Result result =
        imported(
            own("USE1-Qwen3-Next-input-tokens", "Qwen3 Next 80B A3B", "1K tokens", "0.00015"),
            own(
                "USE1-qwen.qwen3-next-80b-a3b-mantle-input-tokens-standard", "Qwen3 Next 80B A3B",
                "1K tokens", "0.00014"));
    PriceQuery query = query("qwen.qwen3-next-80b-a3b", "standard");

    assertThat(rate(result, query, Meter.INPUT)).isEqualTo("0.15");
    assertThat(rate(result, query.on(Endpoint.MANTLE), Meter.INPUT)).isEqualTo("0.14");
  }

  @Test
  void crossRegionRowsAreAScopeOfTheirOwn() {
    PriceListImporter.Result result =
        imported(
            own(
                    "MEC1-Nova2.0Pro-text-output-tokens-cross-region-global",
                    "Nova 2.0 Pro",
                    "1K tokens",
                    "0.01002")
                .located("Middle East (UAE)"),
            own(
                    "MEC1-Nova2.0Pro-text-output-tokens-cross-region-global-batch",
                    "Nova 2.0 Pro",
                    "1K tokens",
                    "0.00501")
                .located("Middle East (UAE)"),
            own(
                    "MEC1-Nova2.0Pro-input-audio-token-count-flex-cross-region-global",
                    "Nova 2.0 Pro",
                    "1K tokens",
                    "0.000625")
                .located("Middle East (UAE)"));
    PriceQuery query =
        new PriceQuery(
            "global.amazon.nova-2-pro-preview-20251202-v1:0",
            "me-central-1",
            "standard",
            Instant.parse("2026-11-22T00:00:00Z"),
            Endpoint.RUNTIME,
            "",
            0);

    assertThat(result.figures()).isEqualTo(3);
    assertThat(rate(result, query, Meter.OUTPUT)).isEqualTo("10.02");
  }

  @Test
  void marketplaceProductsDifferByTheirServiceName() {
    PriceListImporter.Result result =
        imported(
            market("USE1-MP:USE1_InputTokenCount-Units", SONNET, "3.3000000000"),
            market("USE1-MP:USE1_InputTokenCount_Global-Units", SONNET, "3.0000000000"),
            market("USE1-MP:USE1_CacheWrite1hInputTokenCount-Units", SONNET, "6.60"),
            market("USE1-MP:USE1_InputTokenCount_Global_Batch-Units", SONNET, "1.50"),
            market(
                "USE1-MP:USE1_InputTokenCount-Units",
                "Claude Opus 4.6 (Amazon Bedrock Edition)",
                "5.5"),
            market(
                "USE1-MP:USE1_input_tokens_global_standard-Units",
                "Claude Opus 4.7 (Amazon Bedrock Edition)",
                "5.0000000000"),
            market(
                "USE1-MP:USE1_cache_write_tokens_1h_standard-Units",
                "Claude Opus 4.7 (Amazon Bedrock Edition)",
                "11"));

    assertThat(result.leftOut()).isEmpty();
    String sonnet = "anthropic.claude-sonnet-4-6";
    assertThat(rate(result, sonnet, "standard", Meter.INPUT)).isEqualTo("3.3");
    assertThat(rate(result, sonnet, "standard", Meter.CACHE_WRITE_1H)).isEqualTo("6.6");
    assertThat(rate(result, "global." + sonnet, "batch", Meter.INPUT)).isEqualTo("1.5");
    assertThat(rate(result, "us.anthropic.claude-opus-4-6-v1", "standard", Meter.INPUT))
        .isEqualTo("5.5");
    assertThat(rate(result, "us.anthropic.claude-opus-4-7", "standard", Meter.CACHE_WRITE_1H))
        .isEqualTo("11");
  }

  @Test
  void aZeroIsAPlaceholderExceptWhereNovaWritesItsCache() {
    PriceListImporter.Result result =
        imported(
            own(
                "USE1-NovaPro-cache-write-input-token-count",
                "Nova Pro",
                "1K tokens",
                "0.0000000000"),
            market("USE1-MP:USE1_CacheWriteInputTokenCount-Units", SONNET, "0.0000000000"));

    assertThat(result.figures()).isEqualTo(1);
    assertThat(result.leftOut()).singleElement().asString().contains("placeholder");
    assertThat(rate(result, "amazon.nova-pro-v1:0", "standard", Meter.CACHE_WRITE_5M))
        .isEqualTo("0");
  }

  @Test
  void pricesByMonthlyVolumeAreLeftOut() {
    PriceListImporter.Result result =
        imported(
            own("USE1-NovaPro-input-tokens", "Nova Pro", "1K tokens", "0.0008").from("1000000"));

    assertThat(result.figures()).isZero();
    assertThat(result.leftOut()).singleElement().asString().contains("monthly volume");
  }

  @Test
  void theLegacyListingsAreLeftOut() {
    PriceListImporter.Result result =
        imported(own("USE1-Claude2.0-input-tokens", "Claude (100K)", "1K tokens", "0.02204"));

    assertThat(result.leftOut())
        .singleElement()
        .asString()
        .contains("repeats it at a higher price");
  }

  @Test
  void twoPricesForOneThingNameBothSkus() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                imported(
                    own("USE1-NovaPro-input-tokens", "Nova Pro", "1K tokens", "0.0008"),
                    own("USE1-NovaPro-input-tokens", "Nova Pro", "1K tokens", "0.001")))
        .withMessageContaining("SKU0 says 0.0008")
        .withMessageContaining("SKU1 says 0.001")
        .withMessageContaining("amazon.nova-pro-v1:0");
  }

  @Test
  void aThousandAndAMillionAreNotConfused() {
    PriceListImporter.Result result =
        imported(
            own(
                "USE1-xai.grok-4.3-mantle-input-tokens-standard",
                "xai.grok-4.3",
                "1M tokens",
                "1.2500000000"));
    PriceQuery query = query("xai.grok-4.3", "standard").on(Endpoint.MANTLE);

    assertThat(rate(result, query, Meter.INPUT)).isEqualTo("1.25");
  }

  @Test
  void longContextIsABand() {
    PriceListImporter.Result result =
        imported(
            own(
                "USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global",
                "Claude Sonnet 4",
                "1K tokens",
                "0.006"),
            own(
                "USE1-Claude4Sonnet-cache-read-input-token-count-long-context-cross-region-global",
                "Claude Sonnet 4",
                "1K tokens",
                "0.0006"));

    assertThat(result.overlay()).contains("\"above\": 200000").contains("\"cacheRead\": \"0.6\"");
  }

  @Test
  void reservedCapacityIsForAThousandTokensAMinuteWhateverTheUnitSays() {
    PriceListImporter.Result result =
        imported(
            new Row("USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", "1M TPM Hour", "0.198")
                .with("servicename", SONNET));

    assertThat(result.overlay())
        .contains("\"inputTpmHours[1_month]\": \"0.198\"")
        .contains("\"unit\": \"1K TPM hour\"");
  }

  @Test
  void whatIsNotUnderstoodInFullIsLeftOutAndListed() {
    PriceListImporter.Result result =
        imported(
            own("USE1-Qwen3-32B-input-tokens-something-new", "Qwen3 32B", "1K tokens", "0.1"),
            own("USE1-vendor.thing-mantle-input-tokens-standard-", "thing", "1K tokens", "0.1"),
            own("USE1-NovaPro-input-tokens", "A Model Of Tomorrow", "1K tokens", "0.1"),
            own("USE1-NovaPro-input-tokens", "Nova Pro", "fortnight", "0.1"),
            own("USE1-TimedStorage-ByteHrs", "Nova Pro", "GB-Mo", "0.1"),
            market("USE1-MP:USE1_CacheStorage-Units", SONNET, "0.1"));

    assertThat(result.figures()).isZero();
    assertThat(result.leftOut()).hasSize(6);
    assertThat(result.leftOut().get(2)).contains("'A Model Of Tomorrow'").contains("name(..)");
  }

  @Test
  void aModelMayBeNamedByTheCaller() {
    PriceListImporter importer =
        new PriceListImporter().name("A Model Of Tomorrow", "amazon.nova-pro-v1:0");
    importer.read(
        "offer",
        offer(own("USE1-NovaPro-input-tokens", "A Model Of Tomorrow", "1K tokens", "0.0007")));

    assertThat(rate(importer.result("test"), "amazon.nova-pro-v1:0", "standard", Meter.INPUT))
        .isEqualTo("0.7");
  }

  @Test
  void everyNameLeadsToAModelOfTheCatalogue() {
    CatalogReader.tree(
            "names",
            Objects.requireNonNull(PriceCatalog.class.getResourceAsStream("price-list-names.json")))
        .properties()
        .forEach(
            name ->
                assertThat(PriceCatalog.bundled().models())
                    .as(name.getKey())
                    .contains(name.getValue().asText()));
  }

  private static PriceQuery query(String model, String tier) {
    return PriceQuery.of(
        new PriceKey(model, "us-east-1", tier, Instant.parse("2026-11-22T00:00:00Z")), 0);
  }

  private static String rate(
      PriceListImporter.Result result, String model, String tier, Meter meter) {
    return rate(result, query(model, tier), meter);
  }

  /** The price that the catalogue gives once the import lies over it, from a row it brought. */
  private static String rate(PriceListImporter.Result result, PriceQuery query, Meter meter) {
    PriceCatalog prices =
        PriceCatalog.builder()
            .overlay(
                "import",
                new ByteArrayInputStream(result.overlay().getBytes(StandardCharsets.UTF_8)))
            .build();
    var rate =
        Objects.requireNonNull(
            ((RateAnswer.Found) prices.ratesOf(query)).rates().rate(meter), "no rate");
    assertThat(rate.source()).contains("AWS-only, 2026-09-11");
    BigDecimal usd = rate.usd();
    return usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
  }

  private static PriceListImporter.Result imported(Row... rows) {
    return new PriceListImporter().read("offer", offer(rows)).result("test");
  }

  private static Row own(String usageType, String model, String unit, String usd) {
    return new Row(usageType, unit, usd).with("model", model);
  }

  private static Row market(String usageType, String service, String usd) {
    return new Row(usageType, "Units", usd).with("servicename", service);
  }

  private static InputStream offer(Row... rows) {
    List<String> products = new ArrayList<>();
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      products.add("\"SKU%d\": {\"attributes\": {%s}}".formatted(i, rows[i].attributes()));
      terms.add("\"SKU%d\": {\"SKU%d.T\": {%s}}".formatted(i, i, rows[i].term()));
    }
    String text =
        """
        {"offerCode": "AmazonBedrock", "publicationDate": "2026-09-11T12:44:10Z",
         "products": {%s}, "terms": {"OnDemand": {%s}}}"""
            .formatted(String.join(",", products), String.join(",", terms));
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final class Row {
    private final List<String> attributes = new ArrayList<>();
    private final String unit;
    private final String usd;
    private String place = "\"regionCode\": \"us-east-1\"";
    private String begin = "0";

    Row(String usageType, String unit, String usd) {
      this.unit = unit;
      this.usd = usd;
      with("usagetype", usageType);
    }

    Row with(String name, String value) {
      attributes.add("\"%s\": \"%s\"".formatted(name, value));
      return this;
    }

    Row located(String location) {
      place = "\"location\": \"%s\"".formatted(location);
      return this;
    }

    Row from(String volume) {
      begin = volume;
      return this;
    }

    String attributes() {
      return String.join(", ", attributes) + ", " + place;
    }

    String term() {
      return """
          "effectiveDate": "2026-09-01T00:00:00Z", "priceDimensions": {"r": {"unit": "%s",
            "beginRange": "%s", "endRange": "Inf", "pricePerUnit": {"USD": "%s"}}}"""
          .formatted(unit, begin, usd);
    }
  }
}
