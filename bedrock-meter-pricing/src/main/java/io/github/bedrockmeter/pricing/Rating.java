// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Prices calls, and remembers the rates it has found. Thread-safe. */
final class Rating {
  private static final int REMEMBERED_RATES = 20_000;
  private static final String ALL_PROVIDERS = "";

  private final PriceTargets targets;
  private final RateFinder rates;
  private final CatalogNames names;
  private final CatalogAge age;
  private final Map<String, Rates> highestRates = new ConcurrentHashMap<>();
  private final Cache<RateKey, RateAnswer> answers =
      Caffeine.newBuilder().maximumSize(REMEMBERED_RATES).executor(Runnable::run).build();

  Rating(PriceTargets targets, RateFinder rates, CatalogNames names, CatalogAge age) {
    this.targets = targets;
    this.rates = rates;
    this.names = names;
    this.age = age;
  }

  Cost costOf(PriceKey key, Usage usage) {
    RateAnswer answer =
        answer(
            key.modelId(),
            key.region(),
            key.tier(),
            key.at(),
            Endpoint.RUNTIME,
            "",
            usage.totalInputTokens());
    if (answer instanceof RateAnswer.Missing missing) {
      return new Cost.Unknown(missing.reason());
    }
    Rates found = ((RateAnswer.Found) answer).rates();
    if (!usage.other().isEmpty()) {
      found = MeterClasses.covering(found, usage);
    }
    Cost cost = found.costOf(usage);
    return cost instanceof Cost.Unknown unknown ? explained(key, unknown) : cost;
  }

  private static Cost explained(PriceKey key, Cost.Unknown unknown) {
    return new Cost.Unknown(
        "%s for '%s' (%s, %s); add an overlay, or a rate with override(..)"
            .formatted(unknown.reason(), key.modelId(), key.tier(), key.region()),
        unknown.atLeastUsd());
  }

  RateAnswer ratesOf(PriceQuery query) {
    return answer(
        query.modelId(),
        query.region(),
        query.tier(),
        query.at(),
        query.endpoint(),
        query.variant(),
        query.totalInputTokens());
  }

  /** Takes a query's parts, since a query made for each call would be garbage. */
  private RateAnswer answer(
      String modelId,
      @Nullable String region,
      String tier,
      Instant at,
      Endpoint endpoint,
      String variant,
      long totalInputTokens) {
    PriceTarget target = targets.of(modelId);
    if (target.missing() != null) {
      return new RateAnswer.Missing(target.missing());
    }
    RateTable table = target.table();
    RateKey key =
        new RateKey(
            target.model(),
            target.scope(),
            region != null ? region : target.region(),
            target.tier() != null ? target.tier() : canonicalTier(tier),
            table == null ? 0 : table.band(totalInputTokens),
            variant.isEmpty() ? target.variant() : variant,
            endpoint,
            rates.period(at));
    RateAnswer known = answers.getIfPresent(key);
    if (known != null) {
      return known;
    }
    age.warnIfOld();
    RateAnswer found = rates.rates(target, key, at);
    answers.put(key, found);
    return found;
  }

  /** Bedrock says {@code default} and {@code optimized} where price lists say otherwise. */
  private static String canonicalTier(String tier) {
    return switch (tier) {
      case "default", "on_demand", "on-demand" -> "standard";
      case "optimized" -> "latency";
      default -> tier;
    };
  }

  Cost conservativeCostOf(PriceKey key, Usage usage) {
    String provider = ModelId.of(key.modelId()).provider();
    String known =
        provider != null && names.providers().contains(provider) ? provider : ALL_PROVIDERS;
    Rates highest =
        highestRates.computeIfAbsent(
            known, p -> rates.highestRates(p.equals(ALL_PROVIDERS) ? null : p, key.at()));
    return MeterClasses.covering(highest, usage).costOf(usage);
  }
}
