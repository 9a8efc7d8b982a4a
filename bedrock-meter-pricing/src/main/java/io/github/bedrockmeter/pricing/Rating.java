// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prices calls, and remembers the rates it has found. Thread-safe. */
final class Rating {
  private static final int REMEMBERED_RATES = 4_096;

  private final PriceTargets targets;
  private final RateFinder rates;
  private final CatalogNames names;
  private final CatalogAge age;
  private final RecentRates recent = new RecentRates(REMEMBERED_RATES);

  Rating(PriceTargets targets, RateFinder rates, CatalogNames names, CatalogAge age) {
    this.targets = targets;
    this.rates = rates;
    this.names = names;
    this.age = age;
  }

  Cost costOf(PriceKey key, Usage usage) {
    Rates found = recent.get(key, usage.totalInputTokens());
    if (found == null) {
      RateAnswer answer = find(key, usage.totalInputTokens());
      if (answer instanceof RateAnswer.Missing missing) {
        return new Cost.Unknown(missing.reason());
      }
      found = ((RateAnswer.Found) answer).rates();
    }
    if (!usage.other().isEmpty()) {
      found = MeterClasses.covering(found, usage);
    }
    Cost cost = found.costOf(usage);
    return cost instanceof Cost.Unknown unknown ? explained(key, unknown) : cost;
  }

  /** Works out the rates of an ordinary call, and remembers them; not what has none. */
  private RateAnswer find(PriceKey key, long totalInputTokens) {
    RateAnswer answer = ratesOf(PriceQuery.of(key, totalInputTokens));
    if (answer instanceof RateAnswer.Found found) {
      RateTable table = targets.of(key.modelId()).table();
      recent.put(
          key,
          table == null ? RateTable.ANY_BAND : table.bandOf(totalInputTokens),
          rates.stretch(table, key.at()),
          found.rates());
    }
    return answer;
  }

  private static Cost explained(PriceKey key, Cost.Unknown unknown) {
    return new Cost.Unknown(
        "%s for '%s' (%s, %s); add an overlay, or a rate with override(..)"
            .formatted(unknown.reason(), key.modelId(), key.tier(), key.region()),
        unknown.atLeastUsd());
  }

  RateAnswer ratesOf(PriceQuery query) {
    PriceTarget target = targets.of(query.modelId());
    if (target.missing() != null) {
      return new RateAnswer.Missing(target.missing());
    }
    age.warnIfOld();
    return rates.rates(target, key(target, query), query.at());
  }

  private static RateKey key(PriceTarget target, PriceQuery query) {
    RateTable table = target.table();
    return new RateKey(
        target.model(),
        target.scope(),
        query.region() != null ? query.region() : target.region(),
        target.tier() != null ? target.tier() : canonicalTier(query.tier()),
        table == null ? 0 : table.bandOf(query.totalInputTokens())[0],
        query.variant().isEmpty() ? target.variant() : query.variant(),
        query.endpoint());
  }

  /** Bedrock says {@code default} and {@code optimized} where price lists say otherwise. */
  private static String canonicalTier(String tier) {
    return switch (tier) {
      case "default", "on_demand", "on-demand" -> "standard";
      case "optimized" -> "latency";
      default -> tier;
    };
  }

  /**
   * What is priced exactly, and each meter without a price at the highest rate of its provider, by
   * the day of the call and with the operator's own terms; at the highest of all where the provider
   * has none.
   */
  Cost conservativeCostOf(PriceKey key, Usage usage) {
    RateAnswer answer = ratesOf(PriceQuery.of(key, usage.totalInputTokens()));
    Rates own =
        answer instanceof RateAnswer.Found found ? found.rates() : Rates.builder("").build();
    Rates exact = MeterClasses.covering(own, usage);
    Rates.Builder all = Rates.builder(rates.version());
    exact.all().values().forEach(all::rate);
    String provider = providerOf(key.modelId());
    Rates highest = null;
    Rates ofAll = null;
    List<Meter> used = new ArrayList<>();
    usage.forEach((meter, count) -> used.add(meter));
    for (Meter meter : used) {
      if (exact.rate(meter) != null) {
        continue;
      }
      highest = highest != null ? highest : highest(provider, key, usage);
      Rate rate = highest.rate(meter);
      if (rate == null && provider != null) {
        ofAll = ofAll != null ? ofAll : highest(null, key, usage);
        rate = ofAll.rate(meter);
      }
      if (rate != null) {
        all.rate(rate);
      }
    }
    return all.build().costOf(usage);
  }

  private Rates highest(@Nullable String provider, PriceKey key, Usage usage) {
    return MeterClasses.covering(rates.highestRates(provider, key.at()), usage);
  }

  /** The provider by which a call is charged at most; null for all of them. */
  private @Nullable String providerOf(String modelId) {
    String provider = targets.identify(modelId).provider();
    return provider != null && names.providers().contains(provider) ? provider : null;
  }
}
