// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rates of a target in the catalogue and applies the operator's own terms. Immutable and
 * thread-safe.
 */
final class RateFinder {
  private final CatalogLayers layers;
  private final Terms terms;

  /** When prices turn, by model; there are no more than the catalogue has. */
  private final Map<String, long[]> turningPoints = new ConcurrentHashMap<>();

  RateFinder(CatalogLayers layers, Terms terms) {
    this.layers = layers;
    this.terms = terms;
  }

  /** The catalogue's version. */
  String version() {
    return layers.version();
  }

  /** The stretch of time around an instant in which no price of a model changes, end exclusive. */
  long[] stretch(@Nullable RateTable table, Instant at) {
    long[] points = table == null ? null : turningPoints.get(table.model());
    if (points == null) {
      points = turningPoints(table);
      if (table != null) {
        turningPoints.put(table.model(), points);
      }
    }
    int found = Arrays.binarySearch(points, at.toEpochMilli());
    int first = found >= 0 ? found : -found - 2;
    return new long[] {
      first < 0 ? Long.MIN_VALUE : points[first],
      first + 1 < points.length ? points[first + 1] : Long.MAX_VALUE
    };
  }

  private long[] turningPoints(@Nullable RateTable table) {
    Set<Long> points = new TreeSet<>(terms.turningPoints());
    RateTable guardrails = layers.table(CatalogLayers.GUARDRAILS);
    for (RateTable some : new RateTable[] {table, guardrails}) {
      if (some != null) {
        points.addAll(some.turningPoints());
      }
    }
    long[] sorted = new long[points.size()];
    int i = 0;
    for (Long point : points) {
      sorted[i++] = point;
    }
    return sorted;
  }

  /** The rates of a target, with those of a guardrail, which any call may be charged. */
  RateAnswer rates(PriceTarget target, RateKey key, Instant at) {
    Set<String> tiers = layers.names().tiers();
    if (!tiers.contains(key.tier())) {
      return new RateAnswer.Missing(
          "tier '%s' is not one this catalogue knows%s"
              .formatted(key.tier(), NearestName.hint(key.tier(), tiers)));
    }
    RateTable table = target.table();
    Set<Meter> meters = new LinkedHashSet<>(Meter.TOKENS);
    meters.addAll(terms.meters(target.model()));
    RateLadder ladder = null;
    if (table != null) {
      meters.addAll(table.meters());
      ladder = ladder(table, key, at);
    }
    Rates.Builder rates = Rates.builder(layers.version());
    boolean any = false;
    for (Meter meter : meters) {
      Rate listed = ladder == null ? null : ladder.rate(meter);
      if (listed == null
          && CatalogNames.CAPACITY_TIERS.contains(key.tier())
          && isPaidByCapacity(meter)) {
        listed = new Rate(meter, BigDecimal.ZERO, 1, Set.of(Basis.CAPACITY), "paid by capacity");
      }
      Rate rate = terms.apply(meter, listed, key, at);
      if (rate != null) {
        rates.rate(rate);
        any = true;
      }
    }
    if (!any) {
      return new RateAnswer.Missing(noRate(table, key, at));
    }
    addGuardrails(rates, target, key, at);
    return new RateAnswer.Found(rates.build());
  }

  /** Capacity meters are what such a tier is paid by; they are never free by default. */
  private static boolean isPaidByCapacity(Meter meter) {
    return !(meter.kind().endsWith("Hours")
        || meter.kind().startsWith("training")
        || meter.kind().equals("cmuMinutes")
        || meter.kind().equals("storageMonths"));
  }

  private RateLadder ladder(RateTable table, RateKey key, Instant at) {
    return new RateLadder(table, layers.tierRatios(), layers.cacheRatios(table), key, at);
  }

  private String noRate(@Nullable RateTable table, RateKey key, Instant at) {
    String unpriced = table == null ? null : table.facts().unpriced();
    if (unpriced != null) {
      return "catalogue %s knows '%s' but no price of it: %s; add an overlay, or a rate with override(..)%s"
          .formatted(
              layers.version(),
              key.model(),
              unpriced,
              layers.names().relative(key.model()).orElse(""));
    }
    String band = key.above() > 0 ? ", more than " + key.above() + " input tokens" : "";
    String variant = key.variant().isEmpty() ? "" : ", variant '" + key.variant() + "'";
    return "catalogue %s has no price of '%s' (%s, %s, %s%s%s) on %s; add an overlay, or a rate with"
            .formatted(
                layers.version(),
                key.model(),
                key.scope().label(),
                key.region(),
                key.tier(),
                band,
                variant,
                at.atZone(ZoneOffset.UTC).toLocalDate())
        + " override(..)";
  }

  private void addGuardrails(Rates.Builder rates, PriceTarget target, RateKey key, Instant at) {
    RateTable guardrails = layers.table(CatalogLayers.GUARDRAILS);
    if (guardrails == null || target.table() == guardrails) {
      return;
    }
    RateKey standard =
        RateKey.standard(CatalogLayers.GUARDRAILS, PriceScope.IN_REGION, key.region(), "");
    RateLadder ladder = ladder(guardrails, standard, at);
    for (Meter meter : guardrails.meters()) {
      Rate rate = terms.apply(meter, ladder.rate(meter), standard, at);
      if (rate != null) {
        rates.rate(rate);
      }
    }
  }

  /**
   * The highest rate of each meter on a day, of any model, region and tier of a provider: list
   * prices less the provider's discount, and the operator's own rates.
   *
   * @param provider null for all providers
   */
  Rates highestRates(@Nullable String provider, Instant at) {
    Map<Meter, Rate> highest = new HashMap<>();
    for (CatalogLayer.Highest listed : layers.highest(provider)) {
      if (listed.holdsAt(at)) {
        keepHighest(
            highest,
            terms.discounted(
                new Rate(
                    listed.meter(),
                    listed.usd(),
                    listed.per(),
                    Set.of(Basis.CONSERVATIVE),
                    listed.provenance()),
                provider,
                at));
      }
    }
    terms.ratesOf(provider, at).forEach(own -> keepHighest(highest, own));
    Rates.Builder rates = Rates.builder(layers.version());
    highest.values().forEach(rates::rate);
    return rates.build();
  }

  private static void keepHighest(Map<Meter, Rate> highest, Rate rate) {
    highest.merge(
        rate.meter(),
        rate,
        (known, other) -> other.usdPerUnit().compareTo(known.usdPerUnit()) > 0 ? other : known);
  }

  /** The target whose input and output tokens together have the highest standard rates. */
  PriceTarget highestPriced(List<PriceTarget> targets, Instant at) {
    return targets.stream()
        .reduce(
            (known, other) ->
                inputAndOutput(other, at).compareTo(inputAndOutput(known, at)) > 0 ? other : known)
        .orElseThrow();
  }

  private BigDecimal inputAndOutput(PriceTarget target, Instant at) {
    RateTable table = target.table();
    if (table == null || target.tier() != null) {
      return BigDecimal.ZERO;
    }
    RateLadder ladder =
        ladder(
            table,
            RateKey.standard(target.model(), target.scope(), target.region(), target.variant()),
            at);
    BigDecimal sum = BigDecimal.ZERO;
    for (Meter meter : List.of(Meter.INPUT, Meter.OUTPUT)) {
      Rate rate = ladder.rate(meter);
      sum = rate == null ? sum : sum.add(rate.usdPerUnit());
    }
    return sum;
  }
}
