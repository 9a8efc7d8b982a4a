// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every figure of AWS's Price List of 2026-09-17 and of the agreement offers of 2026-10-08, from
 * the folder BEDROCKMETER_PRICE_DATA, is the exact rate of a call.
 */
class PriceFilesTest {
  private static final LocalDate OFFERED = LocalDate.parse("2026-10-08");

  private final PriceCatalog prices = PriceCatalog.bundled();
  private final JsonNode curation = CatalogueTool.curation();
  private String folder = "";

  @BeforeEach
  void findData() {
    folder = Optional.ofNullable(System.getenv("BEDROCKMETER_PRICE_DATA")).orElse("");
    assumeTrue(
        !folder.isBlank(),
        "BEDROCKMETER_PRICE_DATA names no folder of price data; nothing to compare");
  }

  @Test
  void everyFigureOfThePriceListIsAnExactRate() {
    compare("price list", DataFigures.priceList(Path.of(folder), curation), 5_967);
  }

  @Test
  void everyFigureOfTheAgreementOffersIsAnExactRate() {
    compare("offers", DataFigures.offers(Path.of(folder), curation), 1_000);
  }

  private void compare(String what, List<RateRow> figures, int atLeast) {
    List<String> different = new ArrayList<>();
    for (RateRow figure : figures) {
      for (PriceScope scope : figure.scopes()) {
        Meter meter = figure.usd().keySet().iterator().next();
        BigDecimal usd = figure.usd().values().iterator().next();
        Rate rate = rate(figure, scope, meter);
        if (rate == null
            || rate.usdPerUnit().compareTo(figure.unit().perMeterUnit(usd)) != 0
            || !rate.basis().isEmpty()) {
          different.add(
              figure.model()
                  + " "
                  + figure.regions()
                  + " "
                  + scope
                  + " "
                  + figure.tier()
                  + " "
                  + figure.above()
                  + " "
                  + meter
                  + " "
                  + usd.toPlainString()
                  + " -> "
                  + rate);
        }
      }
    }
    int all = figures.stream().mapToInt(figure -> figure.scopes().size()).sum();

    System.out.println(
        (all - different.size()) + " of " + all + " figures of the " + what + " exact");
    assertThat(different).isEmpty();
    assertThat(figures).hasSizeGreaterThanOrEqualTo(atLeast);
  }

  private @Nullable Rate rate(RateRow figure, PriceScope scope, Meter meter) {
    String region = figure.regions().get(0).equals("*") ? "us-east-1" : figure.regions().get(0);
    String prefix =
        switch (scope) {
          case IN_REGION -> "";
          case GEO -> region.startsWith("us-gov") ? "us-gov." : "us.";
          case GLOBAL -> "global.";
        };
    PriceKey key =
        new PriceKey(
            prefix + figure.model(),
            region,
            figure.tier(),
            OFFERED.atStartOfDay(ZoneOffset.UTC).toInstant());
    return prices.ratesOf(PriceQuery.of(key, figure.above() + 1)) instanceof RateAnswer.Found found
        ? found.rates().rate(meter)
        : null;
  }
}
