// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Unit;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint's page for a person: budgets and the last hour. It is read only, has no script, and
 * asks for nothing: its policy lets a browser use its own style and no more. Stateless.
 *
 * @param balances null if the ledger could not be read
 * @param mostBalances of each budget that are shown
 */
record BudgetsPage(
    @Nullable List<BudgetStatus> balances,
    BedrockMeter.Health health,
    int mostBalances,
    LastHour.View hour,
    Instant at) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final PageStyle STYLE = PageStyle.load();

  String html() {
    Html page = new Html();
    page.open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty("meta", "name", "robots", "content", "noindex");
    page.empty("meta", "name", "referrer", "content", "no-referrer");
    page.empty("meta", "http-equiv", "Content-Security-Policy", "content", STYLE.policy());
    page.element("title", "Budgets").style(STYLE.source()).close();
    page.open("body").open("header");
    page.element("p", "bedrock-meter", "class", "eyebrow").element("h1", "Budgets");
    page.open("p").text("As of ");
    time(page, at);
    page.text(" \u00b7 ").element("a", "Reload", "href", "").close().close();
    page.open("main");
    notices(page);
    budgets(page);
    HourSection.write(page, hour);
    page.close();
    return page.close().close().toString();
  }

  private static void time(Html page, Instant at) {
    page.element("time", TIME.format(at), "datetime", at.toString());
  }

  private void notices(Html page) {
    if (health.bypassedUntil() != null) {
      page.open("p", "class", "notice", "role", "alert");
      page.text("All calls pass, whatever budgets say, until ");
      time(page, health.bypassedUntil());
      page.close();
    }
    if (balances == null) {
      page.element(
          "p",
          "The ledger could not be read, so what budgets have left is not known. The log says why.",
          "class",
          "notice",
          "role",
          "alert");
    } else if (!health.ledgerAnswers()) {
      page.element("p", "The ledger does not answer calls.", "class", "notice", "role", "alert");
    }
  }

  private void budgets(Html page) {
    page.open("section", "aria-labelledby", "now").element("h2", "Now", "id", "now");
    page.element("p", openCalls() + ". " + shown(), "class", "note");
    if (balances != null) {
      page.open("ul", "class", "cards");
      balances.forEach(balance -> card(page, balance));
      page.close();
    }
    page.close();
  }

  private String openCalls() {
    return health.openCalls() == 1
        ? "1 call of this process is open"
        : health.openCalls() + " calls of this process are open";
  }

  private String shown() {
    if (balances == null) {
      return "";
    }
    return balances.isEmpty()
        ? "There is no balance yet: a budget is shown from its first call on."
        : "Of each budget at most " + mostBalances + " balances are shown, the largest first.";
  }

  private static void card(Html page, BudgetStatus balance) {
    boolean isSpent = balance.available().units() == 0;
    page.open("li", "class", isSpent || balance.frozen() != null ? "card stopped" : "card");
    page.open("h3").text(Escaped.text(balance.budget().name()));
    if (!balance.scope().isEmpty()) {
      page.text(" ").element("span", Escaped.text(balance.scope()), "class", "scope");
    }
    page.close();
    page.open("p", "class", "chips");
    page.element("span", mode(balance.mode()), "class", "chip");
    if (isSpent) {
      page.element("span", "nothing left", "class", "chip bad");
    }
    Amount forecast = balance.forecast();
    if (!isSpent && forecast != null && forecast.units() > balance.limit().units()) {
      page.element("span", "will not last", "class", "chip bad");
    }
    if (balance.frozen() != null) {
      page.element("span", "frozen: " + Escaped.text(balance.frozen()), "class", "chip bad");
    }
    page.close();
    bar(page, balance);
    page.open("dl");
    figure(page, "Left", balance.available());
    figure(page, "Limit", balance.limit());
    figure(page, "Settled", balance.settled());
    figure(page, "Held", balance.held());
    if (balance.abandoned().units() > 0) {
      figure(page, "Held by processes that are gone", balance.abandoned());
    }
    if (balance.windowEnd() != null) {
      pair(page, "Forecast", forecast == null ? "too early to say" : about(forecast));
    }
    page.open("div").element("dt", "Window ends").open("dd");
    if (balance.windowEnd() == null) {
      page.text("never");
    } else {
      time(page, balance.windowEnd());
    }
    page.close().close().close().close();
  }

  private static String mode(Budget.Mode mode) {
    return switch (mode) {
      case ENFORCE -> "enforced";
      case SHADOW -> "shadow: denies nothing";
      case OBSERVE -> "observe: only counts";
    };
  }

  private static void figure(Html page, String name, Amount amount) {
    pair(page, name, amount.toString());
  }

  /** In whole cents, since it is no more exact than that. */
  private static String about(Amount forecast) {
    if (forecast.unit() != Unit.NANO_USD) {
      return "about " + forecast;
    }
    return "about $"
        + BigDecimal.valueOf(forecast.units(), 9).setScale(2, RoundingMode.HALF_UP).toPlainString();
  }

  private static void pair(Html page, String name, String value) {
    page.open("div").element("dt", name).element("dd", value).close();
  }

  /** What the figures say, so it is left out for those who hear the page. */
  private static void bar(Html page, BudgetStatus balance) {
    long limit = balance.limit().units();
    long settled = parts(balance.settled().units(), limit);
    long held = Math.min(1_000 - settled, parts(balance.held().units(), limit));
    page.open(
        "svg",
        "class",
        "bar",
        "viewBox",
        "0 0 1000 10",
        "preserveAspectRatio",
        "none",
        "aria-hidden",
        "true");
    rect(page, "track", 0, 1_000);
    rect(page, "settled", 0, settled);
    rect(page, "held", settled, held);
    page.close();
  }

  private static void rect(Html page, String name, long x, long width) {
    page.element(
        "rect",
        "",
        "class",
        name,
        "x",
        Long.toString(x),
        "width",
        Long.toString(width),
        "height",
        "10");
  }

  /** In thousandths of the limit, rounded up, so that a little is seen. */
  private static long parts(long units, long limit) {
    if (units >= limit) {
      return units == 0 ? 0 : 1_000;
    }
    BigInteger[] parts =
        BigInteger.valueOf(units)
            .multiply(BigInteger.valueOf(1_000))
            .divideAndRemainder(BigInteger.valueOf(limit));
    return parts[0].longValueExact() + parts[1].signum();
  }
}
