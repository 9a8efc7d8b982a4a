// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.spring.actuate.LastHour.View.Bar;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** The last hour on the page: a bar for each minute, and who spent and was denied. Stateless. */
final class HourSection {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int MOST_ROWS = 10;
  private static final int HEIGHT = 100;

  private HourSection() {}

  static void write(Html page, LastHour.View hour) {
    page.open("section", "aria-labelledby", "hour");
    page.element("h2", "The last hour of this process", "id", "hour");
    if (hour.isCounted) {
      content(page, hour);
    } else {
      page.element(
          "p",
          "Not counted: the application built its meter itself, without the listener LastHour.",
          "class",
          "note");
    }
    page.close();
  }

  private static void content(Html page, LastHour.View hour) {
    Spending spent = hour.models.sum();
    long denied = hour.denied.sum().calls();
    long passed = hour.passed.sum().calls();
    page.open("dl", "class", "totals");
    total(page, "Spent", spent.cost());
    total(page, "Calls", number(spent.calls()));
    total(page, "Denied", number(denied));
    if (spent.unpriced() > 0) {
      total(page, "Without a known price", number(spent.unpriced()));
    }
    if (passed > 0) {
      total(page, "Denied, but let pass", number(passed));
    }
    page.close();
    if (spent.calls() + denied > 0) {
      chart(page, hour.bars);
      minutes(page, hour.bars);
    }
    page.open("div", "class", "tables");
    spent(page, "By model", "Model", hour.models);
    spent(page, "By tags", "Tags", hour.tags);
    denied(page, "Denied", hour.denied);
    denied(page, "Denied, but let pass", hour.passed);
    page.close();
  }

  private static void total(Html page, String name, String value) {
    page.open("div").element("dt", name).element("dd", value).close();
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Costs, or calls where no cost is known; and a mark for each minute with denials. */
  private static void chart(Html page, List<Bar> bars) {
    boolean byCost = bars.stream().anyMatch(bar -> bar.spent().usd().signum() > 0);
    BigDecimal top =
        bars.stream()
            .map(bar -> height(bar, byCost))
            .reduce(BigDecimal.ONE.movePointLeft(15), BigDecimal::max);
    page.open("figure").open("figcaption");
    page.text(byCost ? "Spending" : "Calls").text(" by minute, from ");
    page.text(CLOCK.format(bars.get(0).at())).text(" to ");
    page.text(CLOCK.format(bars.get(bars.size() - 1).at())).text(" UTC");
    page.element("span", "a minute with denials", "class", "key").close();
    page.open(
        "svg",
        "class",
        "chart",
        "viewBox",
        "0 0 600 " + (HEIGHT + 12),
        "preserveAspectRatio",
        "none",
        "aria-hidden",
        "true");
    int x = 0;
    for (Bar bar : bars) {
      int height =
          height(bar, byCost)
              .multiply(BigDecimal.valueOf(HEIGHT))
              .divide(top, 0, RoundingMode.CEILING)
              .intValueExact();
      rect(page, "spent", x, HEIGHT - height, height);
      if (bar.denied() > 0) {
        rect(page, "denied", x, HEIGHT + 4, 8);
      }
      x += 10;
    }
    rect(page, "base", 0, HEIGHT, 1);
    page.close().close();
  }

  private static BigDecimal height(Bar bar, boolean byCost) {
    return byCost ? bar.spent().usd() : BigDecimal.valueOf(bar.spent().calls());
  }

  private static void rect(Html page, String name, int x, int y, int height) {
    page.element(
        "rect",
        "",
        "class",
        name,
        "x",
        Integer.toString(x),
        "y",
        Integer.toString(y),
        "width",
        name.equals("base") ? "600" : "8",
        "height",
        Integer.toString(height));
  }

  /** What the chart shows, as text. */
  private static void minutes(Html page, List<Bar> bars) {
    page.open("details").element("summary", "Minutes with calls");
    head(page, "Minutes with calls", "Minute (UTC)", "Spent", "Calls", "Denied");
    for (Bar bar : bars) {
      if (bar.spent().calls() + bar.denied() > 0) {
        page.open("tr").element("th", CLOCK.format(bar.at()), "scope", "row");
        page.element("td", bar.spent().cost());
        page.element("td", number(bar.spent().calls()));
        page.element("td", number(bar.denied())).close();
      }
    }
    page.close().close().close();
  }

  private static void spent(Html page, String title, String what, Rows rows) {
    if (rows.sum().calls() == 0) {
      return;
    }
    page.open("div").element("h3", title);
    head(page, title, what, "Spent", "Calls");
    rows.first(MOST_ROWS).forEach(row -> spent(page, row.name(), row.sum()));
    Spending others = rows.beyond(MOST_ROWS);
    if (others.calls() > 0) {
      spent(page, "all others", others);
    }
    page.close().close().close();
  }

  private static void spent(Html page, String name, Spending sum) {
    page.open("tr").element("th", name, "scope", "row");
    page.element("td", sum.cost()).element("td", number(sum.calls())).close();
  }

  private static void denied(Html page, String title, Rows rows) {
    if (rows.sum().calls() == 0) {
      return;
    }
    page.open("div").element("h3", title);
    head(page, title, "Why, and which budget or rule", "Calls");
    rows.first(MOST_ROWS).forEach(row -> denied(page, row.name(), row.sum()));
    Spending others = rows.beyond(MOST_ROWS);
    if (others.calls() > 0) {
      denied(page, "all others", others);
    }
    page.close().close().close();
  }

  private static void denied(Html page, String name, Spending sum) {
    page.open("tr").element("th", name, "scope", "row");
    page.element("td", number(sum.calls())).close();
  }

  private static void head(Html page, String title, String... columns) {
    page.open("table").element("caption", title).open("thead").open("tr");
    for (String column : columns) {
      page.element("th", column, "scope", "col");
    }
    page.close().close().open("tbody");
  }
}
