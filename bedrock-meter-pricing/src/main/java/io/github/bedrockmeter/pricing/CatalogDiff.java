// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What changed between two catalogues or overlays in our format; of figures that follow each other
 * in time, the last one. Stateless.
 */
public final class CatalogDiff {
  private CatalogDiff() {}

  /**
   * One figure that differs. Immutable.
   *
   * @param model the canonical model id
   * @param place scope, region, tier, and the band, variant and endpoint where there are any
   * @param meter what is counted
   * @param before US dollars for one unit of the meter, null where there was no figure
   * @param after the same now, null where the figure is gone
   */
  public record Change(
      String model,
      String place,
      Meter meter,
      @Nullable BigDecimal before,
      @Nullable BigDecimal after) {

    /** The change in per cent of what it was, with one decimal; null where one side is missing. */
    public @Nullable BigDecimal perCent() {
      return before == null || after == null || before.signum() == 0
          ? null
          : after.subtract(before).movePointRight(2).divide(before, 1, RoundingMode.HALF_UP);
    }
  }

  /**
   * The changes from one file to another, by model.
   *
   * @throws IllegalArgumentException if a file is not a catalogue in our format
   */
  public static List<Change> between(Path old, Path now) {
    Map<String, Map<String, BigDecimal>> before = figures(old);
    Map<String, Map<String, BigDecimal>> after = figures(now);
    Set<String> models = new TreeSet<>(before.keySet());
    models.addAll(after.keySet());
    List<Change> changes = new ArrayList<>();
    for (String model : models) {
      Map<String, BigDecimal> one = before.getOrDefault(model, Map.of());
      Map<String, BigDecimal> other = after.getOrDefault(model, Map.of());
      Set<String> places = new TreeSet<>(one.keySet());
      places.addAll(other.keySet());
      for (String place : places) {
        BigDecimal was = one.get(place);
        BigDecimal is = other.get(place);
        if (was == null || is == null || was.compareTo(is) != 0) {
          int bar = place.lastIndexOf('|');
          changes.add(
              new Change(
                  model, place.substring(0, bar), new Meter(place.substring(bar + 1)), was, is));
        }
      }
    }
    return List.copyOf(changes);
  }

  private static Map<String, Map<String, BigDecimal>> figures(Path file) {
    CatalogData data =
        PriceFile.reading(file, in -> CatalogReader.read(file.getFileName().toString(), in));
    List<RateRow> rows = new ArrayList<>(data.rows());
    rows.sort(
        Comparator.comparing(
            RateRow::from, Comparator.nullsFirst(Comparator.<LocalDate>naturalOrder())));
    Map<String, Map<String, BigDecimal>> figures = new TreeMap<>();
    for (RateRow row : rows) {
      if (row.status() == RateRow.Status.CONFIRMED) {
        Map<String, BigDecimal> own =
            figures.computeIfAbsent(row.model(), model -> new TreeMap<>());
        for (PriceScope scope : row.scopes()) {
          for (String region : row.regions()) {
            row.usd()
                .forEach(
                    (meter, usd) ->
                        own.put(
                            place(row, scope, region) + "|" + meter.name(),
                            row.unit().perMeterUnit(usd)));
          }
        }
      }
    }
    return figures;
  }

  private static String place(RateRow row, PriceScope scope, String region) {
    StringBuilder place = new StringBuilder(scope.label() + " " + region + " " + row.tier());
    if (row.above() > 0) {
      place.append(" above ").append(row.above());
    }
    if (!row.variant().isEmpty()) {
      place.append(' ').append(row.variant());
    }
    if (row.endpoint() != Endpoint.RUNTIME) {
      place.append(' ').append(row.endpoint().label());
    }
    return place.toString();
  }
}
