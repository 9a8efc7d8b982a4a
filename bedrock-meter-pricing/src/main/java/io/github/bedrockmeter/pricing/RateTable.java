// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The confirmed figures of one model, by everything a price depends on. Filled while a catalogue is
 * built, read-only afterwards.
 *
 * <p>Two figures for the same key and day must agree: they are then two sources of one price. Two
 * that differ are refused, because choosing one of them could choose the wrong price. A later
 * layer, an overlay, hides what lies below it instead.
 */
final class RateTable {
  /** The region that stands for all of the commercial partition. */
  static final String ANY_REGION = "*";

  /** The one band of a model without others. */
  static final long[] ANY_BAND = {0, Long.MAX_VALUE};

  private static final List<String> BASELINE =
      List.of("us-east-1", "us-west-2", "us-east-2", "eu-central-1", "us-gov-west-1");

  /** A figure's place. The region is a source region or {@link #ANY_REGION}. */
  record Slot(
      Endpoint endpoint, PriceScope scope, String region, String tier, long above, String variant) {

    // By hand, since what the compiler makes for a record takes milliseconds the first time.
    @Override
    public boolean equals(@Nullable Object object) {
      return object instanceof Slot that
          && above == that.above
          && endpoint == that.endpoint
          && scope == that.scope
          && region.equals(that.region)
          && tier.equals(that.tier)
          && variant.equals(that.variant);
    }

    @Override
    public int hashCode() {
      int hash = region.hashCode() * 31 + tier.hashCode();
      hash = hash * 31 + variant.hashCode();
      hash = hash * 31 + Long.hashCode(above);
      return (hash * 31 + scope.hashCode()) * 31 + endpoint.hashCode();
    }
  }

  /** A figure and the time it holds, in milliseconds since the epoch, end exclusive. */
  record Figure(int layer, long from, long to, RateRow row, BigDecimal usd) {
    boolean holdsAt(long millis) {
      return from <= millis && millis < to;
    }

    BigDecimal usdPerUnit() {
      return row.unit().perMeterUnit(usd);
    }
  }

  private final String model;
  private final CatalogModel facts;
  private final Map<Slot, Map<Meter, List<Figure>>> figures = new HashMap<>();
  private final Set<Meter> meters = new HashSet<>();
  private final TreeSet<Long> bands = new TreeSet<>();
  private final TreeSet<Long> turningPoints = new TreeSet<>();
  private final TreeSet<String> regions = new TreeSet<>();

  RateTable(String model, CatalogModel facts) {
    this.model = model;
    this.facts = facts;
    Long above = facts.longContextAbove();
    if (above != null) {
      bands.add(above);
    }
  }

  String model() {
    return model;
  }

  CatalogModel facts() {
    return facts;
  }

  Set<Meter> meters() {
    return meters;
  }

  /** The input tokens above which another price holds, ascending. */
  List<Long> thresholds() {
    return List.copyOf(bands);
  }

  /** The instants at which a figure of this model begins or ends, in milliseconds. */
  Set<Long> turningPoints() {
    return turningPoints;
  }

  /** Adds a row of one layer. The band is known even if the row itself may not price a call. */
  void add(int layer, RateRow row) {
    if (row.status() == RateRow.Status.DISPUTED || row.status() == RateRow.Status.CANCELLED) {
      return;
    }
    if (row.above() > 0) {
      bands.add(row.above());
    }
    if (row.status() != RateRow.Status.CONFIRMED) {
      return;
    }
    Days days = new Days(row.from(), row.to());
    long from = days.fromMillis();
    long to = days.toMillis();
    turningPoints.add(from);
    turningPoints.add(to);
    for (String region : row.regions()) {
      if (!region.equals(ANY_REGION)) {
        regions.add(region);
      }
      for (PriceScope scope : row.scopes()) {
        Slot slot = new Slot(row.endpoint(), scope, region, row.tier(), row.above(), row.variant());
        for (Map.Entry<Meter, BigDecimal> usd : row.usd().entrySet()) {
          add(slot, usd.getKey(), new Figure(layer, from, to, row, usd.getValue()));
        }
      }
    }
  }

  private void add(Slot slot, Meter meter, Figure figure) {
    meters.add(meter);
    Map<Meter, List<Figure>> byMeter = figures.get(slot);
    if (byMeter == null) {
      byMeter = new HashMap<>();
      figures.put(slot, byMeter);
    }
    List<Figure> known = byMeter.get(meter);
    if (known == null) {
      known = new ArrayList<>(1);
      byMeter.put(meter, known);
    }
    for (Figure other : known) {
      boolean overlaps = other.from() < figure.to() && figure.from() < other.to();
      if (other.layer() == figure.layer()
          && overlaps
          && other.usdPerUnit().compareTo(figure.usdPerUnit()) != 0) {
        throw new IllegalArgumentException(
            ("%s of '%s' (%s, %s, %s, %s%s) has two prices at one time: %s from %s to %s by %s, and"
                    + " %s from %s to %s by %s. Give one an end date or remove it.")
                .formatted(
                    meter,
                    model,
                    slot.endpoint().label(),
                    slot.scope().label(),
                    slot.region(),
                    slot.tier(),
                    slot.above() > 0 ? ", above " + slot.above() : "",
                    other.usd().toPlainString(),
                    other.row().from(),
                    other.row().to(),
                    other.row().provenance(),
                    figure.usd().toPlainString(),
                    figure.row().from(),
                    figure.row().to(),
                    figure.row().provenance()));
      }
    }
    known.add(figure);
  }

  /**
   * The band a request of this size falls in, by which the whole request is priced: the input
   * tokens above which it begins, and up to which it goes.
   */
  long[] bandOf(long totalInputTokens) {
    Long above = bands.lower(totalInputTokens);
    Long upTo = bands.ceiling(totalInputTokens);
    return new long[] {above == null ? 0 : above, upTo == null ? Long.MAX_VALUE : upTo};
  }

  /** The figure for a slot's region, or for any region; the topmost layer, then the latest. */
  @Nullable Figure figure(Slot slot, Meter meter, Instant at) {
    Figure exact = own(slot, meter, at);
    if (!partition(slot.region()).equals("aws")) {
      return exact;
    }
    Figure any = own(withRegion(slot, ANY_REGION), meter, at);
    if (exact == null || any == null) {
      return exact == null ? any : exact;
    }
    return any.layer() > exact.layer() ? any : exact;
  }

  private @Nullable Figure own(Slot slot, Meter meter, Instant at) {
    Map<Meter, List<Figure>> byMeter = figures.get(slot);
    if (byMeter == null) {
      return null;
    }
    long millis = at.toEpochMilli();
    Figure best = null;
    for (Figure figure : byMeter.getOrDefault(meter, List.of())) {
      if (figure.holdsAt(millis) && (best == null || isBetter(figure, best))) {
        best = figure;
      }
    }
    return best;
  }

  private static boolean isBetter(Figure figure, Figure best) {
    if (figure.layer() != best.layer()) {
      return figure.layer() > best.layer();
    }
    if (figure.usdPerUnit().compareTo(best.usdPerUnit()) == 0) {
      return best.row().isThirdPartyAlone();
    }
    return figure.from() > best.from();
  }

  /** Where to look for a price next, if a region has none: never across partitions. */
  List<String> fallbackRegions(@Nullable String region) {
    String home = region == null ? "aws" : partition(region);
    List<String> order = new ArrayList<>();
    for (String candidate : BASELINE) {
      if (regions.contains(candidate)) {
        order.add(candidate);
      }
    }
    for (String candidate : regions) {
      if (!order.contains(candidate)) {
        order.add(candidate);
      }
    }
    order.removeIf(candidate -> candidate.equals(region) || !partition(candidate).equals(home));
    if (order.isEmpty() && region == null) {
      order.add(BASELINE.get(0));
    }
    return order;
  }

  static Slot withRegion(Slot slot, String region) {
    return new Slot(
        slot.endpoint(), slot.scope(), region, slot.tier(), slot.above(), slot.variant());
  }

  static String partition(String region) {
    if (region.startsWith("us-gov-")) {
      return "aws-us-gov";
    }
    if (region.startsWith("cn-")) {
      return "aws-cn";
    }
    if (region.startsWith("eusc-")) {
      return "aws-eusc";
    }
    return region.startsWith("us-iso") ? "aws-iso" : "aws";
  }
}
