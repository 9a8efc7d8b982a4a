// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the operator pays instead of the list price. A rate of the operator's own is final; a
 * discount applies to list prices, the model's own before its provider's, never both. Immutable.
 */
record Terms(List<OwnRate> rates, List<Discount> discounts) {

  static final Terms NONE = new Terms(List.of(), List.of());

  /**
   * A rate of the operator's own.
   *
   * @param model canonical model id, or the ARN the rate is for
   * @param region source region; null for all
   * @param per how many units {@code usd} buys
   * @param from first day, UTC; null for always
   * @param to first day it no longer holds; null for never
   */
  record OwnRate(
      String model,
      Meter meter,
      BigDecimal usd,
      long per,
      String tier,
      @Nullable Scope scope,
      @Nullable String region,
      @Nullable LocalDate from,
      @Nullable LocalDate to) {

    boolean sameKey(OwnRate that) {
      return model.equals(that.model)
          && meter.equals(that.meter)
          && tier.equals(that.tier)
          && scope == that.scope
          && Objects.equals(region, that.region);
    }

    boolean overlaps(OwnRate that) {
      return RateTable.millis(from, Long.MIN_VALUE) < RateTable.millis(that.to, Long.MAX_VALUE)
          && RateTable.millis(that.from, Long.MIN_VALUE) < RateTable.millis(to, Long.MAX_VALUE);
    }
  }

  /**
   * A share of the list price that is not charged.
   *
   * @param subject a provider or a canonical model id
   * @param share above 0, below or equal 1
   */
  record Discount(
      String subject, BigDecimal share, @Nullable LocalDate from, @Nullable LocalDate to) {}

  Terms {
    rates = List.copyOf(rates);
    discounts = List.copyOf(discounts);
    for (int i = 0; i < rates.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (rates.get(i).sameKey(rates.get(j)) && rates.get(i).overlaps(rates.get(j))) {
          throw new IllegalArgumentException(
              "two rates of your own for %s of '%s' (%s) at one time: %s and %s"
                  .formatted(
                      rates.get(i).meter(),
                      rates.get(i).model(),
                      rates.get(i).tier(),
                      rates.get(j).usd(),
                      rates.get(i).usd()));
        }
      }
    }
  }

  boolean prices(String model) {
    return rates.stream().anyMatch(rate -> rate.model().equals(model));
  }

  /** Every meter these terms price for a model. */
  Set<Meter> meters(String model) {
    Set<Meter> meters = new TreeSet<>(java.util.Comparator.comparing(Meter::name));
    rates.stream().filter(rate -> rate.model().equals(model)).forEach(r -> meters.add(r.meter()));
    return meters;
  }

  /** The instants at which a rate or discount begins or ends, in milliseconds. */
  Set<Long> turningPoints() {
    Set<Long> points = new TreeSet<>();
    for (OwnRate rate : rates) {
      points.add(RateTable.millis(rate.from(), Long.MIN_VALUE));
      points.add(RateTable.millis(rate.to(), Long.MAX_VALUE));
    }
    for (Discount discount : discounts) {
      points.add(RateTable.millis(discount.from(), Long.MIN_VALUE));
      points.add(RateTable.millis(discount.to(), Long.MAX_VALUE));
    }
    return points;
  }

  /** What the operator pays where the list says {@code listed}; null if neither knows. */
  @Nullable Rate apply(
      String model,
      Meter meter,
      @Nullable Rate listed,
      String tier,
      Scope scope,
      @Nullable String region,
      Instant at) {
    OwnRate best = null;
    for (OwnRate rate : rates) {
      if (rate.model().equals(model)
          && rate.meter().equals(meter)
          && rate.tier().equals(tier)
          && (rate.scope() == null || rate.scope() == scope)
          && (rate.region() == null || rate.region().equals(region))
          && holds(rate.from(), rate.to(), at)
          && (best == null || narrowness(rate) > narrowness(best))) {
        best = rate;
      }
    }
    if (best != null) {
      return new Rate(meter, best.usd(), best.per(), Set.of(Basis.OVERRIDE), "own rate");
    }
    if (listed == null || listed.basis().contains(Basis.CAPACITY)) {
      return listed;
    }
    Discount discount = discount(model, at);
    if (discount == null) {
      return listed;
    }
    Set<Basis> basis = EnumSet.of(Basis.DISCOUNT);
    basis.addAll(listed.basis());
    return new Rate(
        meter,
        listed.usd().multiply(BigDecimal.ONE.subtract(discount.share())),
        listed.per(),
        basis,
        listed.source());
  }

  private static int narrowness(OwnRate rate) {
    return (rate.scope() == null ? 0 : 1) + (rate.region() == null ? 0 : 2);
  }

  private @Nullable Discount discount(String model, Instant at) {
    Discount best = null;
    for (Discount discount : discounts) {
      boolean own = discount.subject().equals(model);
      if ((own || model.startsWith(discount.subject() + "."))
          && holds(discount.from(), discount.to(), at)
          && (best == null || own)) {
        best = discount;
      }
    }
    return best;
  }

  private static boolean holds(@Nullable LocalDate from, @Nullable LocalDate to, Instant at) {
    long millis = at.toEpochMilli();
    return RateTable.millis(from, Long.MIN_VALUE) <= millis
        && millis < RateTable.millis(to, Long.MAX_VALUE);
  }
}
