// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.PriceQuery;
import io.github.bedrockmeter.pricing.RateAnswer;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.sheet.TableFiller;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Splits the gap of each cell into parts with a cause. A part of units costs what one unit costs on
 * the side that has more of them; what is left of the gap is a difference of rates. The parts add
 * up to the gap exactly. Confined to one thread.
 */
final class GapParts {
  /** A difference of units below this comes from the doubles of a Parquet file. */
  private static final BigDecimal NO_UNITS = new BigDecimal("0.01");

  /** A gap below this comes from the bill's own rounding. */
  private static final BigDecimal NO_USD = new BigDecimal("0.000001");

  private static final BigDecimal NO_SHARE = new BigDecimal("0.000001");
  private static final int USD_SCALE = 18;
  private static final int UNIT_SCALE = 6;
  private static final int RATE_SCALE = 24;
  private static final int SHARE_SCALE = 4;
  private static final String RATE = "rate";
  private static final String ROUNDING = "rounding";

  private final FactTables tables;
  private final PriceCatalog listPrices;

  GapParts(FactTables tables, PriceCatalog listPrices) {
    this.tables = tables;
    this.listPrices = listPrices;
  }

  /** A cell as the SQL has it; absent numbers are zero. */
  private record Cell(
      long number,
      BigDecimal theirUnits,
      BigDecimal theirUsd,
      BigDecimal ourUnits,
      BigDecimal ourUsd,
      BigDecimal unpricedUnits,
      BigDecimal moved,
      String move) {

    BigDecimal more() {
      return theirUnits.subtract(ourUnits);
    }

    BigDecimal gap() {
      return theirUsd.subtract(ourUsd);
    }

    @Nullable BigDecimal theirRate() {
      return rate(theirUsd, theirUnits);
    }

    @Nullable BigDecimal ourRate() {
      return rate(ourUsd, ourUnits.subtract(unpricedUnits));
    }

    private static @Nullable BigDecimal rate(BigDecimal usd, BigDecimal units) {
      return units.signum() <= 0 ? null : usd.divide(units, RATE_SCALE, RoundingMode.HALF_EVEN);
    }
  }

  /** A part of a gap. */
  private record Part(BigDecimal units, BigDecimal usd) {}

  /** Fills {@code gap_parts} and {@code cell_rates}. */
  void fill() {
    Rows rows = tables.query("bill/gaps");
    try (TableFiller parts = TableFiller.of(tables, "gap_parts");
        TableFiller rates = TableFiller.of(tables, "cell_rates")) {
      for (int i = 0; i < rows.size(); i++) {
        Cell cell =
            new Cell(
                number(rows, i, "cell").longValue(),
                decimal(rows, i, "their_units"),
                decimal(rows, i, "their_usd"),
                decimal(rows, i, "our_units"),
                decimal(rows, i, "our_usd"),
                decimal(rows, i, "unpriced_units"),
                decimal(rows, i, "moved"),
                String.valueOf(rows.get(i, "move")));
        split(cell, surplus(rows, i, cell))
            .forEach(
                (cause, part) ->
                    parts.add(
                        cell.number(),
                        cause,
                        part.units().setScale(UNIT_SCALE, RoundingMode.HALF_EVEN),
                        part.usd()));
        addRates(rates, cell, listed(rows, i));
      }
    }
  }

  private static Number number(Rows rows, int row, String column) {
    Object value = rows.get(row, column);
    return value instanceof Number number ? number : 0L;
  }

  private static BigDecimal decimal(Rows rows, int row, String column) {
    Object value = rows.get(row, column);
    return value == null ? BigDecimal.ZERO : new BigDecimal(value.toString());
  }

  /** Why the bill has more units than we have. */
  private static String surplus(Rows rows, int row, Cell cell) {
    String meter = String.valueOf(rows.get(row, "meter"));
    BigDecimal cached = decimal(rows, row, "our_cached");
    if (meter.equals("input") && cached.signum() > 0 && equal(cell.more(), cached)) {
      return "cached tokens billed as input";
    }
    boolean hasCancelled = number(rows, row, "cancelled").longValue() > 0;
    boolean sameInput = equal(decimal(rows, row, "input_diff"), BigDecimal.ZERO);
    return meter.equals("output") && hasCancelled && sameInput
        ? "cancelled streams"
        : "unmetered calls";
  }

  private static boolean equal(BigDecimal one, BigDecimal other) {
    return one.subtract(other).abs().compareTo(NO_UNITS) < 0;
  }

  private static Map<String, Part> split(Cell cell, String surplus) {
    Map<String, Part> parts = new LinkedHashMap<>();
    BigDecimal more = equal(cell.more(), BigDecimal.ZERO) ? BigDecimal.ZERO : cell.more();
    if (more.signum() == 0 && cell.gap().abs().compareTo(NO_USD) < 0) {
      if (cell.gap().signum() != 0) {
        parts.put(ROUNDING, new Part(BigDecimal.ZERO, cell.gap()));
      }
      return parts;
    }
    BigDecimal rate = more.signum() > 0 ? cell.theirRate() : cell.ourRate();
    BigDecimal moved = more.signum() == 0 ? BigDecimal.ZERO : cell.moved();
    add(parts, cell.move(), moved, rate);
    add(parts, more.signum() > 0 ? surplus : "not on the bill", more.subtract(moved), rate);
    BigDecimal common = cell.theirUnits().min(cell.ourUnits());
    add(parts, "unpriced calls", cell.unpricedUnits().min(common), cell.theirRate());
    BigDecimal explained =
        parts.values().stream().map(Part::usd).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal rest = cell.gap().subtract(explained);
    if (rest.signum() != 0) {
      boolean isRounding =
          rest.abs().compareTo(NO_USD.max(cell.theirUsd().abs().multiply(NO_SHARE))) < 0;
      parts.put(
          isRounding ? ROUNDING : RATE, new Part(isRounding ? BigDecimal.ZERO : common, rest));
    }
    return parts;
  }

  private static void add(
      Map<String, Part> parts, String cause, BigDecimal units, @Nullable BigDecimal rate) {
    if (units.signum() != 0) {
      BigDecimal usd = rate == null ? BigDecimal.ZERO : units.multiply(rate);
      parts.put(cause, new Part(units, usd.setScale(USD_SCALE, RoundingMode.HALF_EVEN)));
    }
  }

  private static void addRates(TableFiller rates, Cell cell, @Nullable BigDecimal listed) {
    BigDecimal theirs = cell.theirRate();
    if (theirs == null) {
      return;
    }
    rates.add(
        cell.number(),
        theirs.setScale(USD_SCALE, RoundingMode.HALF_EVEN),
        listed == null ? null : listed.setScale(USD_SCALE, RoundingMode.HALF_EVEN),
        listed == null ? null : share(cell, listed));
  }

  /** The share of the list price that the bill leaves out; null where none fits to 0.01 %. */
  private static @Nullable BigDecimal share(Cell cell, BigDecimal listed) {
    BigDecimal atList = cell.theirUnits().multiply(listed);
    if (atList.signum() <= 0) {
      return null;
    }
    BigDecimal share =
        BigDecimal.ONE.subtract(
            cell.theirUsd().divide(atList, SHARE_SCALE, RoundingMode.HALF_EVEN));
    BigDecimal discounted = atList.multiply(BigDecimal.ONE.subtract(share));
    BigDecimal allowed = NO_USD.max(discounted.multiply(NO_SHARE));
    boolean fits = discounted.subtract(cell.theirUsd()).abs().compareTo(allowed) <= 0;
    return fits && share.signum() >= 0 && share.compareTo(BigDecimal.ONE) < 0
        ? share.setScale(UNIT_SCALE)
        : null;
  }

  /** The list price of a cell's meter, in US dollars for one unit; null where there is none. */
  private @Nullable BigDecimal listed(Rows rows, int row) {
    String model = String.valueOf(rows.get(row, "model"));
    String region = String.valueOf(rows.get(row, "region"));
    boolean isGlobal = Boolean.TRUE.equals(rows.get(row, "is_global"));
    if (model.isEmpty() || model.equals("guardrails") || model.startsWith("arn:")) {
      return null;
    }
    PriceKey key =
        new PriceKey(
            isGlobal ? "global." + model : model,
            region.isEmpty() ? null : region,
            String.valueOf(rows.get(row, "tier")),
            LocalDate.parse(String.valueOf(rows.get(row, "day")))
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant());
    long above = number(rows, row, "above").longValue();
    RateAnswer answer = listPrices.ratesOf(PriceQuery.of(key, above == 0 ? 0 : above + 1));
    if (!(answer instanceof RateAnswer.Found found)) {
      return null;
    }
    Rate rate = found.rates().rate(new Meter(String.valueOf(rows.get(row, "meter"))));
    return rate == null ? null : rate.usdPerUnit();
  }
}
