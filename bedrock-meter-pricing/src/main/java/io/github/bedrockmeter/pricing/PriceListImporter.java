// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.pricing.RateRow.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns offer files of AWS's Price List (AmazonBedrock, AmazonBedrockFoundationModels,
 * AmazonBedrockService) into an overlay for {@link PriceCatalog.Builder#overlay}.
 *
 * <pre>{@code
 * PriceListImporter.Result result = new PriceListImporter()
 *     .read(Path.of("AmazonBedrock.json"))
 *     .read(Path.of("AmazonBedrockFoundationModels.json"))
 *     .result("price list of 2026-09-11");
 * }</pre>
 *
 * <p>Two SKUs with one meaning and two prices are an error that names both; neither is chosen. What
 * is not understood is left out and listed with its reason. Mutable, confined to one thread.
 */
public final class PriceListImporter {

  /** The overlay that was made, and what was left out. */
  public static final class Result {
    private final String overlay;
    private final List<String> leftOut;
    private final int figures;

    private Result(String overlay, List<String> leftOut, int figures) {
      this.overlay = overlay;
      this.leftOut = List.copyOf(leftOut);
      this.figures = figures;
    }

    /** The overlay, in our catalogue format. */
    public String overlay() {
      return overlay;
    }

    /** One line for each row that was left out, with its SKU and the reason. */
    public List<String> leftOut() {
      return leftOut;
    }

    /** How many figures the overlay holds. */
    public int figures() {
      return figures;
    }
  }

  /** What a figure is the price of; no two SKUs may have different figures for it. */
  private record Key(
      String model,
      Endpoint endpoint,
      @Nullable PriceScope scope,
      String region,
      String tier,
      long above,
      String variant,
      Meter meter) {}

  private record Figure(String sku, BigDecimal usd, Unit unit, @Nullable LocalDate from) {
    BigDecimal perUnit() {
      return unit.perMeterUnit(usd);
    }
  }

  private final ModelNamesOfAws names = new ModelNamesOfAws();
  private final Map<Key, Figure> figures = new LinkedHashMap<>();
  private final Map<String, Long> thresholds = new HashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private LocalDate published = LocalDate.EPOCH;

  /** An importer that knows the names AWS gives the models of the bundled catalogue. */
  public PriceListImporter() {}

  /** The model behind a display name of the price list, for models this version does not know. */
  public PriceListImporter name(String displayName, String modelId) {
    names.add(displayName, modelId);
    return this;
  }

  /**
   * The input tokens above which a model's long-context rates hold, where the bundled catalogue
   * does not have them.
   */
  public PriceListImporter threshold(String modelId, long inputTokens) {
    if (inputTokens <= 0) {
      throw new IllegalArgumentException(
          "a threshold is a positive count of input tokens, as 272000: " + inputTokens);
    }
    thresholds.put(modelId, inputTokens);
    return this;
  }

  /** Reads an offer file. */
  public PriceListImporter read(Path offer) {
    return PriceFile.reading(offer, in -> read(offer.getFileName().toString(), in));
  }

  /**
   * Reads an offer file.
   *
   * @param name what to call it in messages
   * @param offer read to its end and not closed
   * @throws IllegalArgumentException if two SKUs give one thing two prices
   */
  public PriceListImporter read(String name, InputStream offer) {
    JsonNode file = CatalogReader.tree(name, offer);
    String date = file.path("publicationDate").asText();
    if (date.length() >= 10) {
      LocalDate day = CatalogReader.date(name, date.substring(0, 10));
      published = day.isAfter(published) ? day : published;
    }
    JsonNode onDemand = file.path("terms").path("OnDemand");
    file.path("products")
        .properties()
        .forEach(
            product -> {
              String reason =
                  product(product.getKey(), product.getValue(), onDemand.path(product.getKey()));
              if (reason != null) {
                leftOut.add(
                    "%s (%s): %s"
                        .formatted(
                            product.getKey(),
                            product.getValue().path("attributes").path("usagetype").asText(),
                            reason));
              }
            });
    return this;
  }

  /**
   * Reads the answer of {@code bedrock:ListFoundationModelAgreementOffers} for one model,
   * negotiated prices included. It names its model itself.
   *
   * @param name what to call it in messages
   * @param answer JSON, read to its end and not closed
   * @param read the day it was asked for
   * @throws IllegalArgumentException if two dimensions give one thing two prices
   */
  public PriceListImporter readOffers(String name, InputStream answer, LocalDate read) {
    JsonNode file = CatalogReader.tree(name, answer);
    String model = ModelId.of(CatalogReader.text(name, file, "modelId")).baseId();
    published = read.isAfter(published) ? read : published;
    for (JsonNode offer : file.path("offers")) {
      for (JsonNode rate :
          offer.path("termDetails").path("usageBasedPricingTerm").path("rateCard")) {
        String reason = offered(model, rate);
        if (reason != null) {
          leftOut.add(
              "%s (%s): %s"
                  .formatted(
                      offer.path("offerId").asText(), rate.path("dimension").asText(), reason));
        }
      }
    }
    return this;
  }

  private @Nullable String offered(String model, JsonNode rate) {
    String dimension = rate.path("dimension").asText();
    int underscore = dimension.indexOf('_');
    String region =
        underscore < 0 ? null : RegionNames.ofPrefix(dimension.substring(0, underscore));
    if (region == null) {
      return "a dimension that does not begin with a region this importer knows";
    }
    UsageType type = UsageType.ofOffer(dimension.substring(underscore + 1));
    if (type == null) {
      return "a dimension this importer does not know";
    }
    long above = type.longContext() ? longContext(model) : 0;
    if (above < 0) {
      return "a long-context rate of '%s', whose threshold is not known; add it with threshold(..)"
          .formatted(model);
    }
    String stated = CatalogReader.optional(rate, "unit", "Units");
    Unit unit = PriceListAttributes.unit(type.meter(), stated);
    if (unit == null) {
      return "unit '" + stated + "' is not one known for " + type.meter();
    }
    String tier = type.tier() == null ? "standard" : type.tier();
    Key key =
        new Key(
            model,
            type.endpoint(),
            type.scope(),
            region,
            tier,
            above,
            type.variant(),
            type.meter());
    return figure(dimension, key, CatalogReader.decimal(dimension, rate.path("price")), unit, null);
  }

  /** Adds one product; returns why it was left out, or null. */
  private @Nullable String product(String sku, JsonNode product, JsonNode terms) {
    JsonNode attributes = product.path("attributes");
    UsageType type = UsageType.read(attributes.path("usagetype").asText());
    if (type == null) {
      return "a usage type this importer does not know";
    }
    String name = PriceListAttributes.displayName(attributes, type);
    if (name.endsWith("(100K)")) {
      return "the legacy listing of " + name + ", which repeats it at a higher price";
    }
    String model = names.modelOf(type, name);
    if (model == null) {
      return "no model is known by the name '" + name + "'; add it with name(..)";
    }
    String region = PriceListAttributes.region(attributes);
    if (region == null) {
      return "neither a region code nor a location this importer knows";
    }
    Set<String> tiers = PriceListAttributes.tiers(attributes, type);
    if (tiers.size() > 1) {
      throw new IllegalArgumentException(
          "SKU %s (%s) claims the tiers %s at once"
              .formatted(sku, attributes.path("usagetype").asText(), tiers));
    }
    long above = type.longContext() ? longContext(model) : 0;
    if (above < 0) {
      return "a long-context rate of '%s', whose threshold is not known; add it with threshold(..)"
          .formatted(model);
    }
    Key key =
        new Key(
            model,
            type.endpoint(),
            type.scope(),
            region,
            tiers.isEmpty() ? "standard" : tiers.iterator().next(),
            above,
            type.variant(),
            type.meter());
    return price(sku, key, terms);
  }

  private @Nullable String price(String sku, Key key, JsonNode terms) {
    List<JsonNode> dimensions = new ArrayList<>();
    LocalDate from = null;
    for (JsonNode term : terms) {
      term.path("priceDimensions").forEach(dimensions::add);
      String effective = term.path("effectiveDate").asText();
      from = effective.length() < 10 ? from : CatalogReader.date(sku, effective.substring(0, 10));
    }
    if (dimensions.size() != 1) {
      return dimensions.isEmpty()
          ? "no on-demand price"
          : dimensions.size() + " prices by monthly volume, which is not known for a single call";
    }
    JsonNode dimension = dimensions.get(0);
    if (!CatalogReader.optional(dimension, "beginRange", "0").equals("0")) {
      return "a price above a monthly volume, which is not known for a single call";
    }
    if (!dimension.path("pricePerUnit").path("USD").isTextual()) {
      return "no price in US dollars";
    }
    Unit unit = PriceListAttributes.unit(key.meter(), dimension.path("unit").asText());
    if (unit == null) {
      return "unit '" + dimension.path("unit").asText() + "' is not one known for " + key.meter();
    }
    return figure(
        sku,
        key,
        CatalogReader.decimal(sku, dimension.path("pricePerUnit").path("USD")),
        unit,
        from);
  }

  /** Adds a figure; returns why it was left out, or null. */
  private @Nullable String figure(
      String sku, Key key, BigDecimal usd, Unit unit, @Nullable LocalDate from) {
    boolean isFree =
        key.model().startsWith("amazon.nova") && key.meter().kind().equals("cacheWrite");
    if (usd.signum() == 0 && !isFree) {
      return "a price of zero, which AWS uses as a placeholder here";
    }
    Figure figure = new Figure(sku, usd, unit, from);
    Figure other = figures.putIfAbsent(key, figure);
    if (other != null && other.perUnit().compareTo(figure.perUnit()) != 0) {
      throw new IllegalArgumentException(
          "SKU %s says %s and SKU %s says %s for %s of '%s' (%s, %s, %s)"
              .formatted(
                  other.sku(),
                  other.usd().toPlainString() + " per " + other.unit().label(),
                  figure.sku(),
                  figure.usd().toPlainString() + " per " + figure.unit().label(),
                  key.meter(),
                  key.model(),
                  key.region(),
                  key.tier(),
                  key.scope() == null ? "regional" : key.scope().label()));
    }
    return null;
  }

  private long longContext(String model) {
    Long given = thresholds.get(model);
    Long known = given != null ? given : names.longContextAbove(model);
    return known == null ? -1 : known;
  }

  /** The overlay of everything read so far. */
  public Result result(String version) {
    List<RateRow> rows = new ArrayList<>();
    Map<RateRow, Map<Meter, BigDecimal>> joined = new LinkedHashMap<>();
    figures.forEach(
        (key, figure) ->
            joined
                .computeIfAbsent(
                    row(key, figure), row -> new TreeMap<>(Comparator.comparing(Meter::name)))
                .put(key.meter(), stated(figure)));
    joined.forEach((row, usd) -> rows.add(row.with(usd)));
    String overlay = CatalogWriter.write(CatalogData.overlay(version, published, Map.of(), rows));
    return new Result(overlay, leftOut, figures.size());
  }

  private RateRow row(Key key, Figure figure) {
    Set<PriceScope> scopes =
        key.scope() == null
            ? EnumSet.of(PriceScope.IN_REGION, PriceScope.GEO)
            : EnumSet.of(key.scope());
    if (key.scope() == null && figures.containsKey(geo(key))) {
      scopes = EnumSet.of(PriceScope.IN_REGION);
    }
    return new RateRow(
        key.model(),
        key.endpoint(),
        scopes,
        List.of(key.region()),
        key.tier(),
        key.above(),
        key.variant(),
        figure.from(),
        null,
        RateRow.Status.CONFIRMED,
        figure.unit() == Unit.THOUSAND_TOKENS ? Unit.MILLION_TOKENS : figure.unit(),
        Map.of(),
        "AWS-only",
        published.toString(),
        List.of("aws-pricelist"),
        null);
  }

  private static Key geo(Key key) {
    return new Key(
        key.model(),
        key.endpoint(),
        PriceScope.GEO,
        key.region(),
        key.tier(),
        key.above(),
        key.variant(),
        key.meter());
  }

  private static BigDecimal stated(Figure figure) {
    BigDecimal usd =
        figure.unit() == Unit.THOUSAND_TOKENS ? figure.usd().movePointRight(3) : figure.usd();
    return usd.signum() == 0
        ? BigDecimal.ZERO
        : new BigDecimal(usd.stripTrailingZeros().toPlainString());
  }
}
