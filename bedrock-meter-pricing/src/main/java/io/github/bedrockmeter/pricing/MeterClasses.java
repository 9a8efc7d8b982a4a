// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matches a meter with attributes, as {@code outputImages[1024,standard]}, to rates that do not
 * distinguish them, and the reverse if only one class has a price.
 */
final class MeterClasses {
  private MeterClasses() {}

  /** These rates, with one more for each meter of {@code usage} that another class prices. */
  static Rates covering(Rates rates, Usage usage) {
    List<Rate> more = new ArrayList<>();
    for (Meter meter : usage.other().keySet()) {
      if (rates.rate(meter) == null) {
        Rate similar = similar(rates, meter);
        if (similar != null) {
          more.add(
              new Rate(meter, similar.usd(), similar.per(), similar.basis(), similar.source()));
        }
      }
    }
    if (more.isEmpty()) {
      return rates;
    }
    Rates.Builder all = Rates.builder(rates.book());
    rates.all().values().forEach(all::rate);
    more.forEach(all::rate);
    return all.build();
  }

  private static @Nullable Rate similar(Rates rates, Meter meter) {
    String undivided = undivided(meter);
    Rate whole = null;
    List<Rate> classes = new ArrayList<>();
    for (Rate rate : rates.all().values()) {
      if (undivided(rate.meter()).equals(undivided)) {
        if (rate.meter().name().equals(undivided)) {
          whole = rate;
        } else {
          classes.add(rate);
        }
      }
    }
    if (classes.isEmpty()) {
      Rate input = rates.rate(Meter.INPUT);
      boolean capacity = input != null && input.basis().contains(Basis.CAPACITY);
      return whole == null && capacity ? input : whole;
    }
    return whole == null && classes.size() == 1 && meter.name().equals(undivided)
        ? classes.get(0)
        : null;
  }

  private static String undivided(Meter meter) {
    int bracket = meter.name().indexOf('[');
    return bracket < 0 ? meter.name() : meter.name().substring(0, bracket);
  }
}
