// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares the catalogue with the data it was made from, in the folder BEDROCKMETER_PRICE_DATA. */
class GradedRowsTest {
  private static final Set<String> GRADED = Set.of("A", "B", "J");

  private final PriceCatalog prices = PriceCatalog.bundled();
  private final Instant today =
      LocalDate.parse(prices.version()).atStartOfDay(ZoneOffset.UTC).toInstant();
  private String folder = "";

  @BeforeEach
  void findData() {
    folder = Optional.ofNullable(System.getenv("BEDROCKMETER_PRICE_DATA")).orElse("");
    assumeTrue(
        !folder.isBlank(),
        "BEDROCKMETER_PRICE_DATA names no folder of price data; nothing to compare");
  }

  @Test
  void everyGradedFigureIsReproducedInEveryRegionOrExcused() {
    List<JsonNode> exceptions = exceptions();
    List<JsonNode> used = new ArrayList<>();
    List<String> different = new ArrayList<>();
    int figures = 0;

    for (JsonNode row : data("prices-merged.json").path("token")) {
      for (Map.Entry<String, JsonNode> rate : row.path("rates").properties()) {
        String grade = rate.getValue().path("trust").asText(row.path("trust").asText());
        if (!GRADED.contains(grade) || rate.getValue().path("value").isNull()) {
          continue;
        }
        figures++;
        List<String> wrong = wrong(row, rate.getKey(), rate.getValue().path("value").asText());
        JsonNode excuse = excuse(exceptions, row, rate);
        if (excuse != null && !wrong.isEmpty()) {
          used.add(excuse);
        } else {
          different.addAll(wrong);
        }
      }
    }

    System.out.println(
        figures
            - used.size()
            + " of "
            + figures
            + " graded figures exact, "
            + used.size()
            + " excused");
    assertThat(different).isEmpty();
    assertThat(used).as("an excuse that is not needed is removed").hasSameSizeAs(exceptions);
  }

  @Test
  void everyModelOfTheDataIsKnown() {
    List<String> unknown = new ArrayList<>();
    int models = 0;

    for (String part : List.of("token", "nonToken", "lateFacts")) {
      for (JsonNode row : data("prices-merged.json").path(part)) {
        models++;
        for (String field : List.of("modelId", "invocableId")) {
          if (prices.modelOf(row.path(field).asText()).isEmpty()) {
            unknown.add(row.path(field).asText());
          }
        }
      }
    }

    System.out.println(models + " rows of models, " + unknown.size() + " of unknown ones");
    assertThat(unknown).isEmpty();
  }

  @Test
  void everyFigureOfTheArticlePricesACallOfJuly2024() {
    List<String> different = new ArrayList<>();
    int figures = 0;

    for (JsonNode row : data("seed-prices.json").path("prices")) {
      if (row.path("value").isNull()) {
        continue;
      }
      figures++;
      for (String model : CatalogReader.list(row.path("modelIds"))) {
        Optional<BigDecimal> usd = articlePrice(model, row);
        BigDecimal expected = new BigDecimal(row.path("value").asText());
        if (usd.isEmpty() || usd.get().compareTo(expected) != 0) {
          different.add(row + " -> " + usd);
        }
      }
    }

    System.out.println(figures + " figures of the article priced");
    assertThat(different).isEmpty();
    assertThat(figures).isEqualTo(117);
  }

  @Test
  void theToolGivesTheShippedCatalogueAgain() throws java.io.IOException {
    String shipped =
        new String(
            Objects.requireNonNull(PriceCatalog.class.getResourceAsStream("catalogue.json"))
                .readAllBytes(),
            java.nio.charset.StandardCharsets.UTF_8);

    assertThat(CatalogueTool.generate(Path.of(folder))).isEqualTo(shipped);
  }

  private Optional<BigDecimal> articlePrice(String model, JsonNode row) {
    String unit = row.path("unit").asText();
    boolean training = row.path("meter").asText().equals("fine_tune_training");
    Meter meter =
        training
            ? new Meter(unit.contains("image") ? "trainingImages" : "trainingTokens")
            : DataNames.meter(row.path("meter").asText(), row);
    String tier =
        training || meter.kind().equals("storageMonths")
            ? "customization"
            : meter.kind().equals("modelUnitHours") ? "provisioned" : "standard";
    boolean custom = row.path("model").asText().contains("custom models");
    PriceQuery query =
        PriceQuery.of(
                new PriceKey(model, "us-east-1", tier, Instant.parse("2024-07-15T10:00:00Z")), 0)
            .variant(custom ? "custom-model" : "");
    if (!(prices.ratesOf(query) instanceof RateAnswer.Found found)) {
      return Optional.empty();
    }
    long count = unit.equals("1K tokens") ? 1_000 : 1;
    Usage usage = Usage.builder(Source.BODY).count(meter, count).build();
    return found.rates().costOf(usage).usd();
  }

  private List<String> wrong(JsonNode row, String name, String value) {
    List<String> wrong = new ArrayList<>();
    Meter meter = DataNames.meter(name, row);
    for (String region : regions(row)) {
      for (String prefix : prefixes(row, region)) {
        for (String field : List.of("invocableId", "modelId")) {
          String id = prefix + row.path(field).asText();
          Cost cost =
              prices.costOf(
                  new PriceKey(id, region, row.path("tier").asText(), today), million(row, meter));
          BigDecimal usd = lineOf(cost, meter);
          if (usd == null || usd.compareTo(new BigDecimal(value)) != 0) {
            wrong.add(
                id
                    + " "
                    + region
                    + " "
                    + row.path("tier")
                    + " "
                    + meter
                    + ": "
                    + usd
                    + " instead of "
                    + value);
          }
        }
      }
    }
    return wrong;
  }

  /** A million of one meter, in a request of the row's context band. */
  private static Usage million(JsonNode row, Meter meter) {
    Usage.Builder usage = Usage.builder(Source.BODY);
    boolean band = !row.path("context").asText().equals("base");
    if (band && !meter.equals(Meter.INPUT)) {
      usage.count(Meter.INPUT, 300_000);
    }
    return usage.count(meter, band ? 1_000_000 : 100_000).build();
  }

  private static @org.jspecify.annotations.Nullable BigDecimal lineOf(Cost cost, Meter meter) {
    if (!(cost instanceof Cost.Known known)) {
      return null;
    }
    return known.lines().stream()
        .filter(line -> line.meter().equals(meter))
        .map(line -> line.usd().multiply(BigDecimal.valueOf(1_000_000 / line.count())))
        .findFirst()
        .orElse(null);
  }

  private static List<String> regions(JsonNode row) {
    List<String> named = CatalogReader.list(row.path("regions"));
    return named.isEmpty() ? List.of("us-east-1", "us-west-2") : named;
  }

  private static List<String> prefixes(JsonNode row, String region) {
    String geo =
        region.startsWith("us-gov")
            ? "us-gov."
            : region.startsWith("eu") ? "eu." : region.startsWith("ap") ? "apac." : "us.";
    return switch (row.path("scope").asText()) {
      case "in_region" -> List.of("");
      case "geo_us" -> List.of("us.");
      case "global" -> List.of("global.");
      default -> List.of("", geo);
    };
  }

  private JsonNode data(String file) {
    return CatalogueTool.json(Path.of(folder, file));
  }

  private static List<JsonNode> exceptions() {
    List<JsonNode> all = new ArrayList<>();
    CatalogReader.tree(
            "graded-exceptions.json",
            Objects.requireNonNull(
                GradedRowsTest.class.getResourceAsStream("graded-exceptions.json")))
        .path("exceptions")
        .forEach(all::add);
    return all;
  }

  private static @org.jspecify.annotations.Nullable JsonNode excuse(
      List<JsonNode> exceptions, JsonNode row, Map.Entry<String, JsonNode> rate) {
    for (JsonNode exception : exceptions) {
      if (exception.path("modelId").equals(row.path("modelId"))
          && exception.path("scope").equals(row.path("scope"))
          && exception.path("tier").equals(row.path("tier"))
          && exception.path("meter").asText().equals(rate.getKey())
          && exception.path("value").equals(rate.getValue().path("value"))) {
        return exception;
      }
    }
    return null;
  }
}
