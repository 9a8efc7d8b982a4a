// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
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
   */
  record OwnRate(
      String model,
      Meter meter,
      BigDecimal usd,
      long per,
      String tier,
      @Nullable PriceScope scope,
      @Nullable String region,
      Days days) {

    boolean sameKey(OwnRate that) {
      return model.equals(that.model)
          && meter.equals(that.meter)
          && tier.equals(that.tier)
          && scope == that.scope
          && Objects.equals(region, that.region);
    }
  }

  /**
   * A share of the list price that is not charged.
   *
   * @param subject a provider or a canonical model id
   * @param share above 0, below or equal 1
   */
  record Discount(String subject, BigDecimal share, Days days) {

    /** Reads a share written as {@code 12%} or {@code 0.12}. */
    static Discount of(String subject, String text, Days days) {
      BigDecimal share =
          text.endsWith("%")
              ? amount(text.substring(0, text.length() - 1).strip()).movePointLeft(2)
              : amount(text);
      if (share.signum() <= 0 || share.compareTo(BigDecimal.ONE) > 0) {
        throw new IllegalArgumentException(
            "a discount is a share between 0 and 1, or a percentage; got '" + text + "'");
      }
      return new Discount(subject, share, days);
    }
  }

  Terms {
    rates = List.copyOf(rates);
    discounts = List.copyOf(discounts);
    for (int i = 0; i < rates.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (rates.get(i).sameKey(rates.get(j))
            && rates.get(i).days().overlap(rates.get(j).days())) {
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

  /** Reads a decimal that is not negative. */
  static BigDecimal amount(String text) {
    try {
      BigDecimal value = new BigDecimal(text);
      if (value.signum() < 0) {
        throw new IllegalArgumentException("negative amount: " + text);
      }
      return value;
    } catch (NumberFormatException notNumber) {
      throw new IllegalArgumentException("'" + text + "' is not a decimal such as 3.30", notNumber);
    }
  }

  /** Whether the operator has a rate of its own for a model. */
  boolean prices(String model) {
    for (OwnRate rate : rates) {
      if (rate.model().equals(model)) {
        return true;
      }
    }
    return false;
  }

  /** Every meter these terms price for a model. */
  Set<Meter> meters(String model) {
    Set<Meter> meters = new HashSet<>();
    for (OwnRate rate : rates) {
      if (rate.model().equals(model)) {
        meters.add(rate.meter());
      }
    }
    return meters;
  }

  /** The instants at which a rate or discount begins or ends, in milliseconds. */
  Set<Long> turningPoints() {
    Set<Long> points = new TreeSet<>();
    for (OwnRate rate : rates) {
      points.add(rate.days().fromMillis());
      points.add(rate.days().toMillis());
    }
    for (Discount discount : discounts) {
      points.add(discount.days().fromMillis());
      points.add(discount.days().toMillis());
    }
    return points;
  }

  /** What the operator pays where the list has {@code listed}; null if neither has a rate. */
  @Nullable Rate apply(Meter meter, @Nullable Rate listed, RateKey key, Instant at) {
    OwnRate best = null;
    for (OwnRate rate : rates) {
      if (rate.model().equals(key.model())
          && rate.meter().equals(meter)
          && rate.tier().equals(key.tier())
          && (rate.scope() == null || rate.scope() == key.scope())
          && (rate.region() == null || rate.region().equals(key.region()))
          && rate.days().contains(at)
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
    Discount discount = discount(key.model(), at);
    return discount == null ? listed : less(listed, discount);
  }

  /** A list rate less the discount of its provider; the rate itself where there is none. */
  Rate discounted(Rate listed, @Nullable String provider, Instant at) {
    Discount discount = provider == null ? null : discount(provider, at);
    return discount == null ? listed : less(listed, discount);
  }

  /** The operator's own rates of a provider's models, of all if it is null, on a day. */
  List<Rate> ratesOf(@Nullable String provider, Instant at) {
    return rates.stream()
        .filter(
            rate ->
                (provider == null || provider.equals(ModelId.of(rate.model()).provider()))
                    && rate.days().contains(at))
        .map(
            rate ->
                new Rate(
                    rate.meter(),
                    rate.usd(),
                    rate.per(),
                    Set.of(Basis.CONSERVATIVE, Basis.OVERRIDE),
                    "own rate"))
        .toList();
  }

  private static Rate less(Rate listed, Discount discount) {
    Set<Basis> basis = EnumSet.of(Basis.DISCOUNT);
    basis.addAll(listed.basis());
    return new Rate(
        listed.meter(),
        listed.usd().multiply(BigDecimal.ONE.subtract(discount.share())),
        listed.per(),
        basis,
        listed.source());
  }

  private static int narrowness(OwnRate rate) {
    return (rate.scope() == null ? 0 : 1) + (rate.region() == null ? 0 : 2);
  }

  private @Nullable Discount discount(String model, Instant at) {
    String provider = ModelId.of(model).provider();
    Discount best = null;
    for (Discount discount : discounts) {
      boolean own = discount.subject().equals(model);
      if ((own || discount.subject().equals(provider))
          && discount.days().contains(at)
          && (best == null || own)) {
        best = discount;
      }
    }
    return best;
  }
}
