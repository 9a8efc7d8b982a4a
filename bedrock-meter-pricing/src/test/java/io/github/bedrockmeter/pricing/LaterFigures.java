// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.RateTable.Slot;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * Lays figures that AWS published later over a catalogue, figure by figure.
 *
 * <p>A figure that the catalogue has already changes nothing. One that it lacks, or has from a
 * single third party, is added. One that differs from a row begins on its own first day, or on the
 * day it was read, and the older row ends there: prices of the past stay as they were.
 */
final class LaterFigures {
  private static final Comparator<Meter> BY_ORDER =
      Comparator.<Meter>comparingInt(
              meter ->
                  Meter.TOKENS.contains(meter) ? Meter.TOKENS.indexOf(meter) : Meter.TOKENS.size())
          .thenComparing(Meter::name);

  /** Rows of one region, one scope and one meter, by what they are the price of. */
  private final Map<String, List<RateRow>> atoms = new LinkedHashMap<>();

  private final List<RateRow> whole = new ArrayList<>();
  private final Set<String> touched = new TreeSet<>();

  LaterFigures(List<RateRow> rows) {
    whole.addAll(rows);
  }

  /** Lays figures over what there is; {@code day} is when they were read. */
  LaterFigures lay(List<RateRow> figures, LocalDate day) {
    for (RateRow figure : figures) {
      open(figure.model());
      for (RateRow atom : atomsOf(figure)) {
        layAtom(atom, day);
      }
    }
    return this;
  }

  /** Every row, joined where rows differ in region, scope or meter alone. */
  List<RateRow> rows() {
    List<RateRow> all = new ArrayList<>(whole);
    List<RateRow> single = new ArrayList<>();
    atoms.values().forEach(single::addAll);
    all.addAll(joined(single));
    return all;
  }

  private void open(String model) {
    if (touched.add(model)) {
      for (RateRow row : List.copyOf(whole)) {
        if (row.model().equals(model) && row.status() == RateRow.Status.CONFIRMED) {
          whole.remove(row);
          atomsOf(row).forEach(atom -> at(slot(atom), meterOf(atom), model).add(atom));
        }
      }
    }
  }

  private List<RateRow> at(Slot slot, Meter meter, String model) {
    return atoms.computeIfAbsent(model + slot + meter, key -> new ArrayList<>());
  }

  private void layAtom(RateRow figure, LocalDate day) {
    Slot slot = slot(figure);
    Meter meter = meterOf(figure);
    List<RateRow> own = at(slot, meter, figure.model());
    LocalDate first = figure.from() != null ? figure.from() : day;
    List<RateRow> known = holding(own, first);
    if (known.isEmpty() && figure.from() == null && isCommercial(slot.region())) {
      Slot anywhere = RateTable.withRegion(slot, RateTable.ANY_REGION);
      if (holding(at(anywhere, meter, figure.model()), first).stream()
          .anyMatch(any -> same(any, figure) && !isThirdParty(any))) {
        return;
      }
    }
    if (known.stream().anyMatch(row -> same(row, figure))) {
      own.replaceAll(
          row ->
              known.contains(row) && same(row, figure) && isThirdParty(row)
                  ? confirmed(row, figure)
                  : row);
      return;
    }
    boolean replaces = own.stream().anyMatch(row -> !same(row, figure));
    RateRow dated = figure.from() == null && replaces ? figure.inForce(first, figure.to()) : figure;
    endIn(own, dated);
    own.add(dated);
    if (slot.region().equals(RateTable.ANY_REGION)) {
      endInRegions(slot, meter, figure.inForce(first, figure.to()), first);
    }
  }

  private static boolean isCommercial(String region) {
    return !region.equals(RateTable.ANY_REGION) && RateTable.partition(region).equals("aws");
  }

  /** A figure of every region also ends what single regions had instead. */
  private void endInRegions(Slot slot, Meter meter, RateRow figure, LocalDate first) {
    for (List<RateRow> others : atoms.values()) {
      boolean regional =
          !others.isEmpty()
              && others.get(0).model().equals(figure.model())
              && meterOf(others.get(0)).equals(meter)
              && isCommercial(slot(others.get(0)).region())
              && RateTable.withRegion(slot(others.get(0)), RateTable.ANY_REGION).equals(slot);
      if (regional && !holding(others, first).isEmpty()) {
        boolean agrees = holding(others, first).stream().anyMatch(row -> same(row, figure));
        if (!agrees) {
          endIn(others, figure);
        }
      }
    }
  }

  private static void endIn(List<RateRow> rows, RateRow figure) {
    List<RateRow> left = new ArrayList<>();
    for (RateRow row : rows) {
      left.addAll(same(row, figure) ? List.of(row) : CatalogueTool.without(row, figure));
    }
    rows.clear();
    rows.addAll(left);
  }

  private static List<RateRow> holding(List<RateRow> rows, LocalDate day) {
    return rows.stream()
        .filter(
            row ->
                new Days(row.from(), row.to())
                    .contains(day.atStartOfDay(ZoneOffset.UTC).toInstant()))
        .toList();
  }

  private static boolean isThirdParty(RateRow row) {
    return row.grade().equals("single");
  }

  private static RateRow confirmed(RateRow row, RateRow figure) {
    List<String> sources = new ArrayList<>(figure.sources());
    row.sources().stream().filter(source -> !sources.contains(source)).forEach(sources::add);
    return new RateRow(
        row.model(),
        row.endpoint(),
        row.scopes(),
        row.regions(),
        row.tier(),
        row.above(),
        row.variant(),
        row.from(),
        row.to(),
        row.status(),
        row.unit(),
        row.usd(),
        "A",
        figure.asOf(),
        sources,
        row.note());
  }

  private static boolean same(RateRow row, RateRow figure) {
    return perUnit(row).compareTo(perUnit(figure)) == 0;
  }

  private static BigDecimal perUnit(RateRow row) {
    return row.unit().perMeterUnit(row.usd().values().iterator().next());
  }

  private static Slot slot(RateRow atom) {
    return new Slot(
        atom.endpoint(),
        atom.scopes().iterator().next(),
        atom.regions().get(0),
        atom.tier(),
        atom.above(),
        atom.variant());
  }

  private static Meter meterOf(RateRow atom) {
    return atom.usd().keySet().iterator().next();
  }

  private static List<RateRow> atomsOf(RateRow row) {
    List<RateRow> all = new ArrayList<>();
    for (PriceScope scope : row.scopes()) {
      for (String region : row.regions()) {
        row.usd()
            .forEach((meter, usd) -> all.add(in(row, Set.of(scope), List.of(region), meter, usd)));
      }
    }
    return all;
  }

  private static RateRow in(
      RateRow row, Set<PriceScope> scopes, List<String> regions, Meter meter, BigDecimal usd) {
    return like(row, scopes, regions, Map.of(meter, usd));
  }

  private static RateRow like(
      RateRow row, Set<PriceScope> scopes, List<String> regions, Map<Meter, BigDecimal> usd) {
    return new RateRow(
        row.model(),
        row.endpoint(),
        scopes,
        regions,
        row.tier(),
        row.above(),
        row.variant(),
        row.from(),
        row.to(),
        row.status(),
        row.unit(),
        usd,
        row.grade(),
        row.asOf(),
        row.sources(),
        row.note());
  }

  private static List<RateRow> joined(List<RateRow> single) {
    List<RateRow> byScope =
        merged(
            single,
            row -> like(row, Set.of(), row.regions(), row.usd()),
            (a, b) -> {
              Set<PriceScope> scopes = EnumSet.copyOf(a.scopes());
              scopes.addAll(b.scopes());
              return like(a, scopes, a.regions(), a.usd());
            });
    List<RateRow> byRegion =
        merged(
            byScope,
            row -> like(row, row.scopes(), List.of(), row.usd()),
            (a, b) -> {
              Set<String> regions = new TreeSet<>(a.regions());
              regions.addAll(b.regions());
              return like(a, a.scopes(), List.copyOf(regions), a.usd());
            });
    return merged(
        byRegion,
        row -> like(row, row.scopes(), row.regions(), Map.of()),
        (a, b) -> {
          Map<Meter, BigDecimal> usd = new TreeMap<>(BY_ORDER);
          usd.putAll(a.usd());
          usd.putAll(b.usd());
          return like(a, a.scopes(), a.regions(), new LinkedHashMap<>(usd));
        });
  }

  private static List<RateRow> merged(
      Collection<RateRow> rows, Function<RateRow, RateRow> key, BinaryOperator<RateRow> join) {
    Map<RateRow, RateRow> merged = new LinkedHashMap<>();
    rows.forEach(row -> merged.merge(key.apply(row), row, join));
    return List.copyOf(merged.values());
  }

  /**
   * Offers of one price in all commercial regions are one figure of any region: they leave out
   * single regions, as Ireland.
   */
  static List<RateRow> folded(List<RateRow> figures) {
    Map<String, Set<BigDecimal>> prices = new LinkedHashMap<>();
    Map<String, Integer> regions = new LinkedHashMap<>();
    for (RateRow figure : figures) {
      prices.computeIfAbsent(kind(figure), k -> new TreeSet<>()).add(perUnit(figure));
      regions.merge(kind(figure), 1, Integer::sum);
    }
    Map<String, RateRow> all = new LinkedHashMap<>();
    List<RateRow> rest = new ArrayList<>();
    for (RateRow figure : figures) {
      String kind = kind(figure);
      boolean commercial = RateTable.partition(figure.regions().get(0)).equals("aws");
      if (commercial
          && Objects.requireNonNull(prices.get(kind)).size() == 1
          && Objects.requireNonNull(regions.get(kind)) > 3) {
        all.putIfAbsent(
            kind, like(figure, figure.scopes(), List.of(RateTable.ANY_REGION), figure.usd()));
      } else {
        rest.add(figure);
      }
    }
    rest.addAll(all.values());
    return rest;
  }

  private static String kind(RateRow figure) {
    return figure.model()
        + figure.scopes()
        + figure.tier()
        + figure.above()
        + meterOf(figure)
        + RateTable.partition(figure.regions().get(0));
  }
}
