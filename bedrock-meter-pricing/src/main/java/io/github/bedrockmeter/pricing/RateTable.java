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

  private static final List<String> BASELINE =
      List.of("us-east-1", "us-west-2", "us-east-2", "eu-central-1", "us-gov-west-1");

  /** A figure's place. The region is a source region or {@link #ANY_REGION}. */
  record Slot(
      Endpoint endpoint,
      PriceScope scope,
      String region,
      String tier,
      long above,
      String variant) {}

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
  private final CatalogData.Model facts;
  private final Map<Slot, Map<Meter, List<Figure>>> figures = new HashMap<>();
  private final Set<Meter> meters = new HashSet<>();
  private final TreeSet<Long> bands = new TreeSet<>();
  private final TreeSet<Long> turningPoints = new TreeSet<>();
  private final TreeSet<String> regions = new TreeSet<>();

  RateTable(String model, CatalogData.Model facts) {
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

  CatalogData.Model facts() {
    return facts;
  }

  Set<Meter> meters() {
    return meters;
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
        row.usd().forEach((meter, usd) -> add(slot, meter, new Figure(layer, from, to, row, usd)));
      }
    }
  }

  private void add(Slot slot, Meter meter, Figure figure) {
    meters.add(meter);
    List<Figure> known =
        figures
            .computeIfAbsent(slot, s -> new HashMap<>())
            .computeIfAbsent(meter, m -> new ArrayList<>());
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

  /** The band a request of this size falls in: the whole request is priced by it. */
  long band(long totalInputTokens) {
    Long band = bands.lower(totalInputTokens);
    return band == null ? 0 : band;
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

  /** Keeps each meter's highest figure at an instant, of any slot, in {@code highest}. */
  void keepHighest(Instant at, Map<Meter, Figure> highest) {
    long millis = at.toEpochMilli();
    for (Map<Meter, List<Figure>> byMeter : figures.values()) {
      byMeter.forEach(
          (meter, candidates) -> {
            for (Figure figure : candidates) {
              Figure known = highest.get(meter);
              if (figure.holdsAt(millis)
                  && (known == null || figure.usdPerUnit().compareTo(known.usdPerUnit()) > 0)) {
                highest.put(meter, figure);
              }
            }
          });
    }
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
