// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.output.PageTable.Cell;
import io.github.bedrockmeter.report.output.PageTable.Chart;
import io.github.bedrockmeter.report.output.ReportTable.Earlier;
import io.github.bedrockmeter.report.output.ReportTable.Figures;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The sections of the page on what was spent. Confined to one thread. */
final class SpendSections {
  private static final int MOST_CHANGES = 10;

  private final Markup page;
  private final Report whole;
  private final Report parts;
  private final PageSummary summary;

  SpendSections(Markup page, Report whole, Report parts, PageSummary summary) {
    this.page = page;
    this.whole = whole;
    this.parts = parts;
    this.summary = summary;
  }

  private boolean compared() {
    return summary.earlierCalls() > 0;
  }

  void overTime() {
    ReportTable table = parts.table(List.of(), 0);
    Map<Integer, Figures> known = new HashMap<>();
    table.rows().forEach(row -> known.put(row.period(), row.figures()));
    PageTable shown = new PageTable("Spend over time");
    List<Cell> heading = new ArrayList<>();
    heading.add(new Cell.Text(parts.request().period().word()));
    heading.add(new Cell.NumberHeading("spent"));
    if (compared()) {
      heading.add(new Cell.NumberHeading("period before"));
    }
    heading.add(new Cell.NumberHeading("calls"));
    shown.columns(heading.toArray(Cell[]::new));
    for (int i = 0; i < parts.spans().size(); i++) {
      Figures figures = known.getOrDefault(i, NOTHING);
      List<Cell> row = new ArrayList<>();
      row.add(when(parts.spans().get(i)));
      row.add(new Cell.Dollars(figures.atLeastUsd(), figures.unpricedCalls() > 0));
      if (compared()) {
        Earlier before = earlier(figures);
        row.add(
            i < parts.earlierPeriods()
                ? new Cell.Dollars(before.atLeastUsd(), before.unpricedCalls() > 0)
                : new Cell.None());
      }
      row.add(new Cell.Count(figures.calls()));
      shown.row(row);
    }
    shown.foot(sums("total", table.total(), compared()));
    section("over-time", "Spend over time");
    page.element("p", "Each " + parts.request().period().word() + compareLead(), "class", "lead");
    shown.write(
        page,
        new Chart(
            "time",
            compared() ? List.of(1, 2) : List.of(1),
            compared() ? List.of("this period", "period before") : List.of("this period"),
            "Bar chart of the spend in each period; the table beside it has the figures."));
    page.close().line();
  }

  private String compareLead() {
    return compared() ? ", and beside it the same of the period before." : ".";
  }

  private static final Figures NOTHING =
      new Figures(
          0,
          null,
          null,
          null,
          null,
          BigDecimal.ZERO,
          0,
          new Earlier(0, BigDecimal.ZERO, BigDecimal.ZERO, 0));

  private static Earlier earlier(Figures figures) {
    Earlier earlier = figures.earlier();
    return earlier == null ? new Earlier(0, BigDecimal.ZERO, BigDecimal.ZERO, 0) : earlier;
  }

  private static Cell[] sums(String name, Figures total, boolean compared) {
    List<Cell> cells = new ArrayList<>();
    cells.add(new Cell.Text(name));
    cells.add(new Cell.Sum(total.atLeastUsd(), total.unpricedCalls() > 0));
    if (compared) {
      cells.add(new Cell.Sum(earlier(total).atLeastUsd(), earlier(total).unpricedCalls() > 0));
    }
    cells.add(new Cell.Count(total.calls()));
    return cells.toArray(Cell[]::new);
  }

  private Cell when(Period.Span span) {
    ZonedDateTime at = span.starts().atZone(parts.request().zone());
    boolean fixed = parts.request().zone().getRules().isFixedOffset();
    String hour = fixed ? "EEE d MMM, HH:mm" : "EEE d MMM, HH:mm xxx";
    return switch (parts.request().period()) {
      case HOUR -> new Cell.When(format(at, hour), format(at, "HH:mm"));
      case DAY -> new Cell.When(format(at, "EEE, d MMM uuuu"), format(at, "d MMM"));
      case MONTH -> new Cell.When(format(at, "MMMM uuuu"), format(at, "MMM uu"));
      case ALL -> new Cell.When(span.label(), span.label());
    };
  }

  private static String format(ZonedDateTime at, String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(at);
  }

  /** Spend by a dimension, most first. */
  void group(Dimension dimension, int most) {
    ReportTable table = whole.table(List.of(dimension), most);
    PageTable shown = new PageTable("Spend by " + dimension.heading());
    shown.columns(
        new Cell.Text(dimension.heading()),
        new Cell.NumberHeading("spent"),
        new Cell.NumberHeading("share"),
        new Cell.NumberHeading("calls"));
    BigDecimal all = table.total().atLeastUsd();
    for (ReportTable.Row row : table.rows()) {
      Figures figures = row.figures();
      if (figures.calls() > 0) {
        shown.row(
            new Cell.Text(row.shown(0)),
            new Cell.Dollars(figures.atLeastUsd(), figures.unpricedCalls() > 0),
            isUnknown(figures.atLeastUsd(), figures.unpricedCalls())
                ? new Cell.Dollars(null, false)
                : new Cell.Share(permille(figures.atLeastUsd(), all)),
            new Cell.Count(figures.calls()));
      }
    }
    Figures total = table.total();
    shown.foot(
        new Cell.Text("total"),
        new Cell.Sum(total.atLeastUsd(), total.unpricedCalls() > 0),
        new Cell.Text(""),
        new Cell.Count(total.calls()));
    boolean tag = dimension.kind() == Dimension.Kind.TAG;
    section(
        "by-"
            + (tag ? "tag-" + Integer.toHexString(dimension.name().hashCode()) : dimension.name()),
        tag
            ? "Spend by tag \u201c" + dimension.heading() + "\u201d"
            : "Spend by " + dimension.heading());
    lead(table, tag);
    shown.write(
        page,
        new Chart(
            "bars",
            List.of(1),
            List.of("spent"),
            "Bar chart of the spend by "
                + dimension.heading()
                + "; the table beside it has the figures."));
    page.close().line();
  }

  private void lead(ReportTable table, boolean tag) {
    StringBuilder lead = new StringBuilder();
    if (!table.rows().isEmpty() && table.total().atLeastUsd().signum() > 0) {
      ReportTable.Row first = table.rows().get(0);
      long share = permille(first.figures().atLeastUsd(), table.total().atLeastUsd());
      lead.append(first.shown(0))
          .append(": ")
          .append(PageTable.percent(share))
          .append(" of the spend.");
    }
    if (tag) {
      lead.append(" Calls without the tag are \u201c").append(Report.NONE).append("\u201d.");
    }
    page.element("p", lead.toString().strip(), "class", "lead");
  }

  private static long permille(BigDecimal part, BigDecimal whole) {
    return whole.signum() == 0
        ? 0
        : part.movePointRight(3).divide(whole, 0, RoundingMode.HALF_UP).longValueExact();
  }

  /** What changed against the period before, by model. */
  void changes() {
    section("changes", "What changed against the period before");
    if (!compared()) {
      page.element(
          "p",
          "There are no calls in the period before, so there is nothing to compare.",
          "class",
          "empty");
      page.close().line();
      return;
    }
    ReportTable table =
        whole.table(List.of(new Dimension(Dimension.Kind.MODEL, null)), MOST_CHANGES);
    PageTable shown = new PageTable("Changes by model");
    shown.columns(
        new Cell.Text("model"),
        new Cell.NumberHeading("before"),
        new Cell.NumberHeading("now"),
        new Cell.NumberHeading("change"),
        new Cell.NumberHeading("calls before"),
        new Cell.NumberHeading("calls now"));
    for (ReportTable.Row row : table.rows()) {
      Figures figures = row.figures();
      Earlier earlier = earlier(figures);
      shown.row(
          new Cell.Text(row.shown(0)),
          new Cell.Dollars(earlier.atLeastUsd(), earlier.unpricedCalls() > 0),
          new Cell.Dollars(figures.atLeastUsd(), figures.unpricedCalls() > 0),
          change(figures, earlier),
          new Cell.Count(earlier.calls()),
          new Cell.Count(figures.calls()));
    }
    Earlier earlier = earlier(table.total());
    shown.foot(
        new Cell.Text("total"),
        new Cell.Sum(earlier.atLeastUsd(), earlier.unpricedCalls() > 0),
        new Cell.Sum(table.total().atLeastUsd(), table.total().unpricedCalls() > 0),
        new Cell.Change(earlier.changeUsd()),
        new Cell.Count(earlier.calls()),
        new Cell.Count(table.total().calls()));
    shown.write(page, null);
    page.close().line();
  }

  /** Unknown where nothing is known of one of the two: a difference to it would be an invention. */
  private static Cell change(Figures figures, Earlier earlier) {
    boolean isKnown =
        !isUnknown(figures.atLeastUsd(), figures.unpricedCalls())
            && !isUnknown(earlier.atLeastUsd(), earlier.unpricedCalls());
    return isKnown ? new Cell.Change(earlier.changeUsd()) : new Cell.Dollars(null, false);
  }

  private static boolean isUnknown(BigDecimal atLeastUsd, long unpricedCalls) {
    return unpricedCalls > 0 && atLeastUsd.signum() == 0;
  }

  private void section(String id, String heading) {
    page.open("section", "id", id, "aria-labelledby", id + "-h").line();
    page.element("h2", heading, "id", id + "-h").line();
  }
}
