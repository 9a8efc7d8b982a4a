// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the page, and the chart that is drawn from it. The chart has no numbers of its own: it
 * reads the table, so both say the same. Confined to one thread.
 */
final class PageTable {
  /** More rows than these are scrolled. */
  private static final int MOST_IN_SIGHT = 14;

  private final List<Cell> heading = new ArrayList<>();
  private final List<List<Cell>> rows = new ArrayList<>();
  private @Nullable List<Cell> foot;
  private final String caption;
  private int decimals;
  private boolean beside;

  PageTable(String caption) {
    this.caption = caption;
  }

  /** What a cell shows. */
  sealed interface Cell {
    /** A text; the first cell of a row is its heading. */
    record Text(String text) implements Cell {}

    /** A number that cannot be, such as the 31st of a month that has 30 days. */
    record None() implements Cell {}

    /**
     * A period, whose short name the chart shows.
     *
     * @param label such as {@code 5 Oct}
     */
    record When(String text, String label) implements Cell {}

    /**
     * Dollars, rounded for reading, with the exact amount in the element's value; null: unknown.
     */
    record Dollars(@Nullable BigDecimal usd, boolean atLeast) implements Cell {}

    /** Dollars of the last row, with the exact amount written out; null: unknown. */
    record Sum(@Nullable BigDecimal usd, boolean atLeast) implements Cell {}

    /** More or less than before. */
    record Change(BigDecimal usd) implements Cell {}

    /** A whole number; null: unknown. */
    record Count(@Nullable Long count) implements Cell {}

    /** A part of a whole in tenths of a per cent, as a bar and a number. */
    record Share(long permille) implements Cell {}

    /** The heading of a column of numbers. */
    record NumberHeading(String text) implements Cell {}
  }

  /**
   * How a table is drawn.
   *
   * @param kind {@code time} for bars along a calendar, {@code bars} for bars that lie
   * @param columns of the table, from 0; the first as bars, others as lines
   * @param names what each column is
   * @param description what a reader who does not see it should know
   */
  record Chart(String kind, List<Integer> columns, List<String> names, String description) {}

  PageTable columns(Cell... cells) {
    heading.addAll(List.of(cells));
    return this;
  }

  PageTable row(Cell... cells) {
    rows.add(List.of(cells));
    return this;
  }

  PageTable row(List<Cell> cells) {
    rows.add(List.copyOf(cells));
    return this;
  }

  PageTable foot(Cell... cells) {
    foot = List.of(cells);
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Writes the table, with a chart beside it unless that is null or there is nothing to draw. */
  void write(Markup page, @Nullable Chart chart) {
    decimals = Amounts.decimalsFor(greatest());
    beside = chart != null;
    if (chart == null || rows.isEmpty()) {
      page.open("figure").line();
      table(page);
      page.close().line();
      return;
    }
    page.open(
        "figure",
        "class",
        "beside",
        "data-chart",
        chart.kind(),
        "data-columns",
        String.join(",", chart.columns().stream().map(String::valueOf).toList()),
        "data-names",
        String.join("|", chart.names()),
        "data-unit",
        "usd");
    page.line().open("div");
    if (chart.names().size() > 1) {
      page.open("p", "class", "key", "aria-hidden", "true");
      for (int i = 0; i < chart.names().size(); i++) {
        page.open("span", "class", i == 0 ? "now" : "before").element("i", "");
        page.text(chart.names().get(i)).close();
      }
      page.close();
    }
    page.element("div", "", "class", "plot", "role", "img", "aria-label", chart.description());
    page.element("p", "", "class", "readout", "aria-hidden", "true");
    page.close().line();
    table(page);
    page.close().line();
  }

  private BigDecimal greatest() {
    BigDecimal greatest = BigDecimal.ZERO;
    for (List<Cell> row : rows) {
      for (Cell cell : row) {
        if (cell instanceof Cell.Dollars dollars && dollars.usd() != null) {
          greatest = greatest.max(dollars.usd().abs());
        }
      }
    }
    return greatest;
  }

  private void table(Markup page) {
    page.open(
        "div",
        "class",
        rows.size() > MOST_IN_SIGHT ? "scroll long" : "scroll",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "Table: " + caption);
    page.open("table").line();
    page.open("thead").open("tr");
    for (Cell cell : heading) {
      boolean number = cell instanceof Cell.NumberHeading;
      page.element("th", plain(cell), "scope", "col", "class", number ? "n" : "t");
    }
    page.close().close().line();
    page.open("tbody").line();
    rows.forEach(row -> line(page, row));
    page.close().line();
    if (foot != null) {
      page.open("tfoot");
      line(page, foot);
      page.close().line();
    }
    page.close().close().line();
  }

  private void line(Markup page, List<Cell> row) {
    page.open("tr");
    for (int i = 0; i < row.size(); i++) {
      Cell cell = row.get(i);
      if (i == 0) {
        heading(page, cell);
      } else {
        boolean number = !(cell instanceof Cell.Text) && !(cell instanceof Cell.When);
        page.open("td", "class", number ? "n" : "text");
        content(page, cell);
        page.close();
      }
    }
    page.close().line();
  }

  private static void heading(Markup page, Cell cell) {
    if (cell instanceof Cell.When when) {
      page.element("th", when.text(), "scope", "row", "class", "when", "data-label", when.label());
    } else {
      page.open("th", "scope", "row").name(plain(cell)).close();
    }
  }

  private static String plain(Cell cell) {
    if (cell instanceof Cell.Text text) {
      return text.text();
    }
    if (cell instanceof Cell.When when) {
      return when.text();
    }
    return cell instanceof Cell.NumberHeading heading ? heading.text() : "";
  }

  private void content(Markup page, Cell cell) {
    if (cell instanceof Cell.Dollars dollars) {
      dollars(page, dollars.usd(), dollars.atLeast());
    } else if (cell instanceof Cell.Sum sum) {
      dollars(page, sum.usd(), sum.atLeast());
      BigDecimal usd = sum.usd();
      if (usd != null && Amounts.plain(usd).scale() > decimals) {
        page.element("span", "exactly $" + Amounts.exact(usd), "class", "exact");
      }
    } else if (cell instanceof Cell.Change change) {
      int sign = change.usd().signum();
      page.open("span", "class", sign > 0 ? "up" : sign < 0 ? "down" : "same");
      page.open("data", "value", Amounts.exact(change.usd()));
      page.text((sign > 0 ? "+" : "") + Amounts.shown(change.usd(), decimals)).close().close();
    } else if (cell instanceof Cell.Count count) {
      Long number = count.count();
      if (number == null) {
        page.text("unknown");
      } else {
        page.element("data", Amounts.count(number), "value", number.toString());
      }
    } else if (cell instanceof Cell.Share share) {
      share(page, share.permille());
    } else {
      page.text(plain(cell));
    }
  }

  private void dollars(Markup page, @Nullable BigDecimal usd, boolean atLeast) {
    if (usd == null || (atLeast && usd.signum() == 0)) {
      page.text("unknown");
      return;
    }
    page.element(
        "data",
        (atLeast ? "\u2265\u00a0" : "") + Amounts.shown(usd, decimals),
        "value",
        Amounts.exact(usd));
  }

  private void share(Markup page, long permille) {
    page.text(percent(permille));
    if (beside) {
      return;
    }
    page.open(
        "svg",
        "class",
        "share",
        "viewBox",
        "0 0 1000 100",
        "preserveAspectRatio",
        "none",
        "aria-hidden",
        "true",
        "focusable",
        "false");
    page.element("rect", "", "class", "track", "width", "1000", "height", "100");
    String width = Long.toString(Math.min(1000, Math.max(0, permille)));
    String kind = permille > 1000 ? "over" : "bar";
    page.element("rect", "", "class", kind, "width", width, "height", "100");
    page.close();
  }

  /** Tenths of a per cent as a reader sees them: {@code 81.2 %}. */
  static String percent(long permille) {
    return BigDecimal.valueOf(permille, 1).stripTrailingZeros().toPlainString() + "\u00a0%";
  }
}
