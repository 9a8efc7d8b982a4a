// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.pricing.RateRow.Status;
import io.github.bedrockmeter.pricing.RateRow.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The figures of the condensed Price List and of the agreement offers, one row for each figure. */
final class DataFigures {
  static final String PRICE_LIST = "pricelist-2026-09-17.json";
  static final String OFFERS = "offers-2026-10-08.json";

  private final JsonNode curation;
  private final List<RateRow> rows = new ArrayList<>();

  private DataFigures(JsonNode curation) {
    this.curation = curation;
  }

  /** The Price List's figures; the model is as the file has it, with any suffix. */
  static List<RateRow> priceList(Path folder, JsonNode curation) {
    JsonNode file = CatalogueTool.json(folder.resolve(PRICE_LIST));
    DataFigures figures = new DataFigures(curation);
    LocalDate day = LocalDate.parse(file.path("publicationDate").asText().substring(0, 10));
    for (Map.Entry<String, JsonNode> model : file.path("models").properties()) {
      String source =
          curation.path("notInPriceList").has(model.getKey())
              ? "aws-quoted"
              : "aws-pricelist-2026-09-17";
      for (JsonNode group : model.getValue().path("groups")) {
        figures.kinds(
            model.getKey(),
            CatalogReader.list(group.path("regions")),
            group.path("kinds"),
            source,
            day);
      }
    }
    return figures.rows;
  }

  /** The figures of the agreement offers, without the stale ones. */
  static List<RateRow> offers(Path folder, JsonNode curation) {
    JsonNode file = CatalogueTool.json(folder.resolve(OFFERS));
    DataFigures figures = new DataFigures(curation);
    LocalDate day = LocalDate.parse(file.path("fetchedAt").asText().substring(0, 10));
    for (Map.Entry<String, JsonNode> model : file.path("models").properties()) {
      String id = model.getKey();
      for (JsonNode group : model.getValue().path("groups")) {
        List<String> regions =
            CatalogReader.list(group.path("prefixes")).stream()
                .map(prefix -> java.util.Objects.requireNonNull(RegionNames.ofPrefix(prefix)))
                .toList();
        figures.kinds(id, regions, group.path("kinds"), "aws-offers-2026-10-08", day);
      }
      figures.kinds(
          id,
          List.of(RateTable.ANY_REGION),
          model.getValue().path("kinds"),
          "aws-offers-2026-10-08",
          day);
    }
    return figures.rows;
  }

  private void kinds(
      String model, List<String> regions, JsonNode kinds, String source, LocalDate day) {
    for (Map.Entry<String, JsonNode> kind : kinds.properties()) {
      String name = kind.getKey();
      boolean global = name.startsWith("global");
      String rest = global && name.length() > 6 ? name.substring(6) : name;
      String what = rest.toLowerCase(Locale.ROOT);
      boolean stale =
          what.startsWith("cache")
              && source.startsWith("aws-offers")
              && CatalogReader.list(curation.path("staleCacheOffers")).contains(model);
      if (stale) {
        continue;
      }
      String tier = Set.of("batch", "flex", "priority").contains(what) ? what : "standard";
      Set<PriceScope> scopes =
          global ? EnumSet.of(PriceScope.GLOBAL) : EnumSet.of(PriceScope.IN_REGION, PriceScope.GEO);
      for (Map.Entry<String, JsonNode> figure : kind.getValue().properties()) {
        if (figure.getKey().equals("longContext")) {
          long above = curation.path("longContext").path(model).asLong();
          if (above == 0) {
            throw new IllegalArgumentException("no threshold for the long band of " + model);
          }
          for (Map.Entry<String, JsonNode> longer : figure.getValue().properties()) {
            add(
                model,
                scopes,
                regions,
                tier,
                above,
                meter(what, longer.getKey(), model),
                longer.getValue(),
                source,
                day);
          }
        } else {
          add(
              model,
              scopes,
              regions,
              tier,
              0,
              meter(what, figure.getKey(), model),
              figure.getValue(),
              source,
              day);
        }
      }
    }
  }

  private static Meter meter(String what, String name, String model) {
    return switch (what) {
      case "cacheread" -> Meter.CACHE_READ;
      case "cachewrite" ->
          "openai".equals(ModelId.of(model).provider())
              ? Meter.CACHE_WRITE_30M
              : Meter.CACHE_WRITE_5M;
      case "metered" -> new Meter("outputImages");
      default -> new Meter(name);
    };
  }

  private void add(
      String model,
      Set<PriceScope> scopes,
      List<String> regions,
      String tier,
      long above,
      Meter meter,
      JsonNode usd,
      String source,
      LocalDate day) {
    for (String region : regions) {
      rows.add(
          new RateRow(
              model,
              Endpoint.RUNTIME,
              scopes,
              List.of(region),
              tier,
              above,
              "",
              null,
              null,
              Status.CONFIRMED,
              meter.countsTokens() ? Unit.MILLION_TOKENS : Unit.IMAGE,
              Map.of(meter, new BigDecimal(usd.asText())),
              "AWS-only",
              day.toString(),
              List.of(source),
              null));
    }
  }
}
