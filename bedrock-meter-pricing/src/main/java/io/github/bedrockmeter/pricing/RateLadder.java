// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds one meter's rate for one call, step by step, and writes every step that was not exact on
 * the rate.
 *
 * <p>Immutable; made for one set of rates.
 */
final class RateLadder {
  /*
   * The order of the steps rules out the most expensive mistakes first. The source region sets the
   * price, so everything is tried inside the region before another region is. Inside a region,
   * in-region and geographic scope have one price in AWS's tables, so one stands in for the other
   * before a ratio is used; a global call falls back to the higher-priced scope only after its own
   * scope's ratios. The context band and the variant never change: a long request priced at the base
   * rate would look right and be half the bill.
   */
  private static final String STANDARD = "standard";

  private final RateTable table;
  private final Map<String, BigDecimal> tierRatios;
  private final Map<Meter, BigDecimal> cacheRatios;
  private final RateKey key;
  private final Instant at;
  private final List<String> otherRegions;

  RateLadder(
      RateTable table,
      Map<String, BigDecimal> tierRatios,
      Map<Meter, BigDecimal> cacheRatios,
      RateKey key,
      Instant at) {
    this.table = table;
    this.tierRatios = tierRatios;
    this.cacheRatios = cacheRatios;
    this.key = key;
    this.at = at;
    this.otherRegions = table.fallbackRegions(key.region());
  }

  /** The rate of a meter; null if no step finds one. */
  @Nullable Rate rate(Meter meter) {
    if (!table.meters().contains(meter) && !cacheRatios.containsKey(meter)) {
      return null;
    }
    String region = key.region();
    if (region != null) {
      Rate exact = inRegion(region, meter);
      if (exact != null) {
        return exact;
      }
    }
    for (String other : otherRegions) {
      Rate found = inRegion(other, meter);
      if (found != null) {
        return flagged(found, found.usd(), Basis.REGION_FALLBACK);
      }
    }
    return null;
  }

  private @Nullable Rate inRegion(String where, Meter meter) {
    for (List<PriceScope> samePrice : key.scope().ladder()) {
      Rate found = inScopes(where, samePrice, meter);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Rate inScopes(String where, List<PriceScope> scopes, Meter meter) {
    Rate direct = direct(where, scopes, key.tier(), meter);
    if (direct != null) {
      return direct;
    }
    if (tierRatios.containsKey(key.tier())) {
      Rate standard = direct(where, scopes, STANDARD, meter);
      if (standard != null) {
        return flagged(
            standard, standard.usd().multiply(tierRatio(where, meter)), Basis.TIER_RATIO);
      }
    }
    if (cacheRatios.containsKey(meter) || meter.kind().startsWith("cache")) {
      BigDecimal cacheRatio = cacheRatio(where, meter);
      Rate input = cacheRatio == null ? null : inScopes(where, scopes, Meter.INPUT);
      if (input != null && cacheRatio != null) {
        Rate cached = new Rate(meter, input.usd(), input.per(), input.basis(), input.source());
        return flagged(cached, input.usd().multiply(cacheRatio), Basis.CACHE_RATIO);
      }
    }
    return null;
  }

  /**
   * What this model's own rows have elsewhere, as OpenAI's doubled priority; else the general one.
   */
  private BigDecimal tierRatio(String where, Meter meter) {
    BigDecimal own = ownRatio(where, key.tier(), meter, STANDARD, meter);
    if (own == null && meter.kind().startsWith("cache")) {
      own = ownRatio(where, key.tier(), Meter.INPUT, STANDARD, Meter.INPUT);
    }
    return own != null ? own : Objects.requireNonNull(tierRatios.get(key.tier()));
  }

  private @Nullable BigDecimal cacheRatio(String where, Meter meter) {
    BigDecimal own = ownRatio(where, STANDARD, meter, STANDARD, Meter.INPUT);
    return own != null ? own : cacheRatios.get(meter);
  }

  /**
   * The exact ratio of two rates of one place; null if no place has both, or they do not divide.
   */
  private @Nullable BigDecimal ownRatio(
      String where, String tier, Meter meter, String otherTier, Meter otherMeter) {
    List<String> places = new ArrayList<>(List.of(where));
    places.addAll(otherRegions);
    for (String place : places) {
      for (PriceScope scope : PriceScope.values()) {
        for (long above : key.above() == 0 ? new long[] {0} : new long[] {key.above(), 0}) {
          RateTable.Figure one = figure(Endpoint.RUNTIME, scope, place, tier, above, meter);
          RateTable.Figure other =
              figure(Endpoint.RUNTIME, scope, place, otherTier, above, otherMeter);
          if (one != null && other != null && other.usd().signum() > 0) {
            return ratio(one, other);
          }
        }
      }
    }
    return null;
  }

  private static @Nullable BigDecimal ratio(RateTable.Figure one, RateTable.Figure other) {
    try {
      return one.usdPerUnit().divide(other.usdPerUnit());
    } catch (ArithmeticException roundedToCents) {
      return null;
    }
  }

  private @Nullable Rate direct(String where, List<PriceScope> scopes, String inTier, Meter meter) {
    for (PriceScope candidate : scopes) {
      RateTable.Figure figure =
          figure(key.endpoint(), candidate, where, inTier, key.above(), meter);
      if (figure == null && key.endpoint() != Endpoint.RUNTIME) {
        figure = figure(Endpoint.RUNTIME, candidate, where, inTier, key.above(), meter);
      }
      if (figure != null) {
        Set<Basis> basis = EnumSet.noneOf(Basis.class);
        if (candidate != key.scope()) {
          basis.add(Basis.SCOPE_FALLBACK);
        }
        if (figure.row().isThirdPartyAlone()) {
          basis.add(Basis.SINGLE_SOURCE);
        }
        return new Rate(
            meter, figure.usd(), figure.row().unit().per, basis, figure.row().provenance());
      }
    }
    return null;
  }

  private RateTable.@Nullable Figure figure(
      Endpoint on, PriceScope in, String where, String inTier, long above, Meter meter) {
    return table.figure(new RateTable.Slot(on, in, where, inTier, above, key.variant()), meter, at);
  }

  private static Rate flagged(Rate rate, BigDecimal usd, Basis step) {
    Set<Basis> basis = EnumSet.of(step);
    basis.addAll(rate.basis());
    return new Rate(rate.meter(), usd, rate.per(), basis, rate.source());
  }
}
