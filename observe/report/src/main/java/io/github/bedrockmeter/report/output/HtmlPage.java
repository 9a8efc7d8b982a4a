// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.facts.FactTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A report as one HTML file for a manager, readable on a phone, on paper and without scripts. It
 * asks for nothing: styles, scripts and figures are in it, and its policy lets a browser run no
 * others. Each value is escaped, whatever it contains. Stateless.
 */
public final class HtmlPage {
  private static final int MOST_ROWS = 12;
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
  private static final DateTimeFormatter MADE =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm", Locale.ENGLISH);

  private HtmlPage() {}

  /**
   * Writes the page.
   *
   * @param request by whose tags spend is shown, else by the three most frequent ones; with {@link
   *     Period#ALL} the page chooses hours, days or months
   * @param made the time that the page states
   * @throws UncheckedIOException if the writer fails
   */
  public static void write(FactTables tables, ReportRequest request, Instant made, Writer out) {
    ReportRequest compared = request.compared();
    try (Report whole = Report.over(tables, compared.withPeriod(Period.ALL));
        Report parts = Report.over(tables, whole.request().withPeriod(periodOf(compared, whole)))) {
      out.write(page(whole, parts, made));
      out.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the page: " + failure.getMessage(), failure);
    }
  }

  /** Hours for up to two days, days for up to a quarter, else months. */
  private static Period periodOf(ReportRequest request, Report whole) {
    if (request.period() != Period.ALL) {
      return request.period();
    }
    if (whole.spans().isEmpty()) {
      return Period.DAY;
    }
    Period.Span span = whole.spans().get(0);
    Duration length = Duration.between(span.starts(), span.ends());
    if (length.compareTo(Duration.ofDays(2)) <= 0) {
      return Period.HOUR;
    }
    return length.compareTo(Duration.ofDays(93)) <= 0 ? Period.DAY : Period.MONTH;
  }

  private static String page(Report whole, Report parts, Instant made) {
    PageAssets assets = PageAssets.load();
    PageSummary summary = PageSummary.of(whole);
    Markup page = new Markup();
    page.open("html", "lang", "en").line();
    head(page, assets, title(whole));
    page.open("body").line();
    page.element("a", "Skip to the figures", "class", "skip", "href", "#main").line();
    page.open("header").line();
    page.element("p", "bedrock-meter", "class", "eyebrow").line();
    page.element("h1", "Amazon Bedrock spend").line();
    page.element("p", title(whole) + ", days of " + whole.request().zoneName() + filtered(whole));
    page.close().line();
    page.open("main", "id", "main").line();
    summary.cards(page);
    summary.notices(page);
    SpendSections spend = new SpendSections(page, whole, parts, summary);
    spend.overTime();
    spend.changes();
    int rows = whole.request().top() == 0 ? MOST_ROWS : whole.request().top();
    spend.group(new Dimension(Dimension.Kind.MODEL, null), rows);
    for (Dimension dimension : dimensions(whole)) {
      spend.group(dimension, rows);
    }
    QualitySections quality = new QualitySections(page, whole);
    quality.cache();
    quality.budgets();
    quality.denials();
    quality.estimates();
    quality.unpriced(summary);
    page.close().line();
    footer(page, assets, made.atZone(whole.request().zone()));
    assets.scripts().forEach(script -> page.source("script", script).line());
    page.close().close();
    return page.html();
  }

  private static void head(Markup page, PageAssets assets, String title) {
    page.open("head").line();
    page.empty("meta", "charset", "utf-8").line();
    page.empty("meta", "http-equiv", "Content-Security-Policy", "content", assets.policy()).line();
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    page.empty("meta", "name", "referrer", "content", "no-referrer").line();
    page.empty("meta", "name", "color-scheme", "content", "light dark").line();
    page.element("title", "Amazon Bedrock spend, " + title).line();
    assets.styles().forEach(style -> page.source("style", style).line());
    page.close().line();
  }

  /** {@code 1 to 31 October 2026}, or that there is nothing. */
  private static String title(Report report) {
    if (report.spans().isEmpty()) {
      return "no calls";
    }
    Period.Span span = report.spans().get(0);
    ZonedDateTime first = span.starts().atZone(report.request().zone());
    ZonedDateTime last = span.ends().minusNanos(1).atZone(report.request().zone());
    boolean month =
        first.getDayOfMonth() == 1 && last.toLocalDate().plusDays(1).getDayOfMonth() == 1;
    if (first.getYear() == last.getYear() && first.getMonth() == last.getMonth()) {
      if (month) {
        return DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH).format(first);
      }
      return first.getDayOfMonth() == last.getDayOfMonth()
          ? DAY.format(first)
          : first.getDayOfMonth() + " to " + DAY.format(last);
    }
    return DAY.format(first) + " to " + DAY.format(last);
  }

  private static String filtered(Report report) {
    List<String> filters =
        report.request().filters().stream()
            .map(filter -> filter.dimension().name() + "=" + filter.value())
            .toList();
    return filters.isEmpty() ? "" : "; only " + String.join(", ", filters);
  }

  /** What the request groups by, and else the tags that most calls have. */
  private static List<Dimension> dimensions(Report report) {
    List<Dimension> dimensions = new ArrayList<>(report.request().by());
    dimensions.removeIf(dimension -> dimension.kind() == Dimension.Kind.MODEL);
    if (dimensions.isEmpty()) {
      Queries.Answer tags = report.page("tags");
      for (int i = 0; i < tags.size(); i++) {
        String name = tags.text(i, "name");
        if (name != null && !name.isBlank()) {
          dimensions.add(new Dimension(Dimension.Kind.TAG, name));
        }
      }
    }
    return dimensions;
  }

  private static void footer(Markup page, PageAssets assets, ZonedDateTime made) {
    page.open("footer").line();
    page.element(
        "p",
        "Made on "
            + MADE.format(made)
            + " by bedrock-meter. Amounts are US dollars at the prices that the meter knew, before"
            + " credits, discounts of contracts and tax; AWS's invoice is what is paid. They are"
            + " rounded for reading: each cell's value is exact, and so are CSV, JSON and"
            + " Parquet.");
    page.open("details").element("summary", "Licence of uPlot, which draws the charts");
    page.element("pre", assets.licence()).close().line();
    page.close().line();
  }
}
