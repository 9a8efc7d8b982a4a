// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.PriceQuery;
import io.github.bedrockmeter.pricing.RateAnswer;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.sheet.TableFiller;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call the rates of a catalogue. Calls that are priced alike (model, region, tier, day,
 * context band) share them, so a catalogue is asked once for each such kind, whatever the number of
 * calls. Confined to one thread.
 */
final class RatedCalls {
  private static final int RATE_SCALE = 24;

  private final FactTables tables;
  private final PriceCatalog prices;
  private final Change change;

  RatedCalls(FactTables tables, PriceCatalog prices, Change change) {
    this.tables = tables;
    this.prices = prices;
    this.change = change;
  }

  /** Fills the tables; {@code withCache} also asks for rates of caches that no call used. */
  void fill(boolean withCache) {
    tables.execute("rated/tables");
    try (TableFiller settings = TableFiller.of(tables, "rated_settings")) {
      settings.add(change.from(), change.to(), change.tier(), change.at(), change.noCache());
    }
    Set<String> targets = fillModels();
    try (TableFiller bands = TableFiller.of(tables, "rated_bands")) {
      for (String target : targets) {
        prices.contextThresholdsOf(target).forEach(above -> bands.add(target, above));
      }
    }
    tables.execute("rated/calls");
    fillRates(withCache);
  }

  private Set<String> fillModels() {
    Rows ids = tables.query("rated/ids");
    Set<String> known = new TreeSet<>();
    Set<String> used = new HashSet<>();
    Set<String> targets = new TreeSet<>();
    try (TableFiller models = TableFiller.of(tables, "rated_models")) {
      for (int i = 0; i < ids.size(); i++) {
        String id = String.valueOf(ids.get(i, "model_id"));
        Object model = ids.get(i, "model");
        String target = id;
        known.add(id);
        if (model != null) {
          known.add(model.toString());
        }
        for (Map.Entry<String, String> swap : change.models().entrySet()) {
          if (swap.getKey().equals(id) || swap.getKey().equals(model)) {
            used.add(swap.getKey());
            target = swapped(swap.getKey().equals(id), swap.getValue(), ids.get(i, "geography"));
          }
        }
        models.add(id, target);
        targets.add(target);
      }
    }
    for (String asked : change.models().keySet()) {
      if (!used.contains(asked)) {
        throw new IllegalArgumentException(
            "no call names the model '" + asked + "'" + NearestName.hint(asked, known));
      }
    }
    return targets;
  }

  /** A model that is named without a geography keeps that of the call. */
  private static String swapped(boolean isExact, String target, @Nullable Object geography) {
    boolean keeps = !isExact && geography != null && ModelId.of(target).geography() == null;
    return keeps ? geography + "." + target : target;
  }

  private void fillRates(boolean withCache) {
    Rows wanted = tables.query("rated/wanted", withCache);
    try (TableFiller rates = TableFiller.of(tables, "rated_rates")) {
      for (int i = 0; i < wanted.size(); i++) {
        String meter = String.valueOf(wanted.get(i, "meter"));
        String region = String.valueOf(wanted.get(i, "region"));
        PriceKey key =
            new PriceKey(
                String.valueOf(wanted.get(i, "target")),
                region.isEmpty() ? null : region,
                String.valueOf(wanted.get(i, "tier")),
                LocalDate.parse(String.valueOf(wanted.get(i, "day")))
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant());
        long above = ((Number) Objects.requireNonNull(wanted.get(i, "above"))).longValue();
        Answer answer = rate(key, above, new Meter(meter));
        rates.add(wanted.get(i, "key"), meter, answer.usdEach(), answer.reason());
      }
    }
  }

  /** A rate for one unit, or why there is none. */
  private record Answer(@Nullable BigDecimal usdEach, @Nullable String reason) {
    static Answer missing(String reason) {
      return new Answer(null, reason);
    }
  }

  private Answer rate(PriceKey key, long above, Meter meter) {
    if (!meter.countsTokens()) {
      Cost one = prices.costOf(key, Usage.builder(Usage.Source.BODY).count(meter, 1).build());
      return one instanceof Cost.Known known
          ? exact(known.amountUsd(), meter)
          : Answer.missing(((Cost.Unknown) one).reason());
    }
    RateAnswer found = prices.ratesOf(PriceQuery.of(key, above == 0 ? 0 : above + 1));
    if (found instanceof RateAnswer.Missing missing) {
      return Answer.missing(missing.reason());
    }
    Rate rate = ((RateAnswer.Found) found).rates().rate(meter);
    if (rate == null) {
      return Answer.missing(
          "no price of %s for '%s' (%s, %s)"
              .formatted(meter, key.modelId(), key.tier(), key.region()));
    }
    if (change.tier() != null && rate.basis().contains(Basis.TIER_RATIO)) {
      return Answer.missing(
          "no price of %s for '%s' in tier %s: the model may not have it"
              .formatted(meter, key.modelId(), key.tier()));
    }
    return exact(rate.usdPerUnit(), meter);
  }

  private static Answer exact(BigDecimal usdEach, Meter meter) {
    try {
      return new Answer(usdEach.setScale(RATE_SCALE), null);
    } catch (ArithmeticException tooLong) {
      return Answer.missing(
          "the price of " + meter + " has more than " + RATE_SCALE + " decimals for one unit");
    }
  }
}
