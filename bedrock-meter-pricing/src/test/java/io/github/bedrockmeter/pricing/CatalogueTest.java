// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.usage.Meter;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The catalogue as it ships, against itself. */
class CatalogueTest {
  private final CatalogData data =
      CatalogReader.read(
          "the bundled catalogue",
          Objects.requireNonNull(PriceCatalog.class.getResourceAsStream("catalogue.json")));
  private final PriceCatalog prices = PriceCatalog.bundled();

  @Test
  void everyRowIsThePriceThatCostOfFinds() {
    List<String> different = new ArrayList<>();
    int figures = 0;

    for (RateRow row : data.rows()) {
      if (row.status() != RateRow.Status.CONFIRMED) {
        continue;
      }
      for (String region : row.regions()) {
        for (PriceScope scope : row.scopes()) {
          for (Meter meter : row.usd().keySet()) {
            figures++;
            Rate rate = rate(row, region, scope, meter);
            if (rate == null
                || !flags(row).containsAll(rate.basis())
                || rate.usdPerUnit()
                        .compareTo(
                            Objects.requireNonNull(row.usd().get(meter))
                                .movePointLeft(Long.toString(row.unit().per).length() - 1))
                    != 0) {
              different.add(row + " " + region + " " + scope + " " + meter + " -> " + rate);
            }
          }
        }
      }
    }

    System.out.println(figures - different.size() + " of " + figures + " catalogue figures exact");
    assertThat(different).isEmpty();
    assertThat(figures).isGreaterThan(5_000);
  }

  private static Set<Rate.Basis> flags(RateRow row) {
    return row.grade().equals("single") ? Set.of(Rate.Basis.SINGLE_SOURCE) : Set.of();
  }

  @Test
  void writingWhatWasReadChangesNothing() throws java.io.IOException {
    try (var in = PriceCatalog.class.getResourceAsStream("catalogue.json")) {
      String shipped =
          new String(
              Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

      assertThat(CatalogWriter.write(data)).isEqualTo(shipped);
    }
  }

  @Test
  void everyFigureHasAnExplainedSourceAndGrade() {
    for (RateRow row : data.rows()) {
      assertThat(data.sources().keySet()).as(row.toString()).containsAll(row.sources());
      assertThat(data.grades().keySet()).as(row.toString()).contains(row.grade());
    }
  }

  @Test
  void rowsThatDoNotPriceSayWhy() {
    assertThat(data.rows())
        .filteredOn(row -> row.status() != RateRow.Status.CONFIRMED)
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row.note()).isNotBlank());
  }

  @Test
  void noTwoAliasesMapToDifferentModelsAndNoneIsAModelItself() {
    List<String> aliases = new ArrayList<>();
    data.models().values().forEach(model -> aliases.addAll(model.aliases()));

    assertThat(aliases).doesNotHaveDuplicates().doesNotContainAnyElementsOf(data.models().keySet());
    assertThat(prices.modelOf("minimax.minimax-m2")).contains("minimax.minimax-m2");
    assertThat(prices.modelOf("anthropic.claude-3-5-sonnet")).isEmpty();
  }

  @Test
  void theCatalogueStatesItsAgeAndItsVersion() {
    assertThat(prices.asOf()).isEqualTo(Instant.parse("2026-09-17T00:00:00Z"));
    assertThat(prices.version()).isEqualTo("2026-11-28");
    assertThat(prices.models()).hasSizeGreaterThan(165).isSorted();
  }

  private @org.jspecify.annotations.Nullable Rate rate(
      RateRow row, String region, PriceScope scope, Meter meter) {
    String source = region.equals("*") ? "eu-north-1" : region;
    String prefix =
        switch (scope) {
          case IN_REGION -> "";
          case GEO -> source.startsWith("us-gov") ? "us-gov." : "us.";
          case GLOBAL -> "global.";
        };
    LocalDate day =
        row.from() != null
            ? row.from()
            : row.to() != null ? row.to().minusDays(1) : LocalDate.parse(data.version());
    PriceQuery query =
        PriceQuery.of(
                new PriceKey(
                    prefix + row.model(),
                    source,
                    row.tier(),
                    day.atStartOfDay(ZoneOffset.UTC).toInstant()),
                row.above() + 1)
            .on(row.endpoint())
            .variant(row.variant());
    return prices.ratesOf(query) instanceof RateAnswer.Found found
        ? found.rates().rate(meter)
        : null;
  }
}
