// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.output.PageTable.Cell;
import java.math.BigDecimal;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The sections of the page on cache, budgets, denials, estimates, and on what is not known.
 * Confined to one thread.
 */
final class QualitySections {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("d MMM, HH:mm", Locale.ENGLISH);

  private final Markup page;
  private final Report report;

  QualitySections(Markup page, Report report) {
    this.page = page;
    this.report = report;
  }

  void cache() {
    section("cache", "Prompt cache: saved and wasted");
    Queries.Answer cache = report.page("cache");
    if (cache.size() == 0) {
      end("No call read from the prompt cache or wrote to it.");
      return;
    }
    lead(
        "A read is cheaper than input, a write costs more. Wasted is what writes cost more and"
            + " reads of the same model did not earn back.");
    PageTable table = new PageTable("Prompt cache by model");
    table.columns(
        new Cell.Text("model"),
        new Cell.NumberHeading("tokens read"),
        new Cell.NumberHeading("tokens written"),
        new Cell.NumberHeading("saved by reads"),
        new Cell.NumberHeading("extra for writes"),
        new Cell.NumberHeading("net saved"),
        new Cell.NumberHeading("wasted"));
    for (int i = 0; i < cache.size(); i++) {
      boolean reads = cache.number(i, "unknown_reads") > 0;
      boolean writes = cache.number(i, "unknown_writes") > 0;
      table.row(
          new Cell.Text(text(cache.text(i, "model"))),
          new Cell.Count(cache.count(i, "read_tokens")),
          new Cell.Count(cache.count(i, "written_tokens")),
          new Cell.Dollars(cache.amount(i, "saved_usd"), reads),
          new Cell.Dollars(cache.amount(i, "write_extra_usd"), writes),
          new Cell.Dollars(cache.amount(i, "net_usd"), reads),
          new Cell.Dollars(cache.amount(i, "wasted_usd"), writes));
    }
    Queries.Answer total = report.page("cache-total");
    boolean reads = total.number(0, "unknown_reads") > 0;
    boolean writes = total.number(0, "unknown_writes") > 0;
    boolean wastes = writes || total.number(0, "unknown_wastes") > 0;
    table.foot(
        new Cell.Text("total"),
        new Cell.Count(total.count(0, "read_tokens")),
        new Cell.Count(total.count(0, "written_tokens")),
        new Cell.Sum(total.amount(0, "saved_usd"), reads),
        new Cell.Sum(total.amount(0, "write_extra_usd"), writes),
        new Cell.Sum(total.amount(0, "net_usd"), reads),
        new Cell.Sum(total.amount(0, "wasted_usd"), wastes));
    table.write(page, null);
    if (reads || writes) {
      long unknown = total.number(0, "unknown_reads") + total.number(0, "unknown_writes");
      page.element(
          "p",
          PageSummary.plural(unknown, "count", "counts")
              + " without a price, or without a price of input to compare with, are left out.",
          "class",
          "empty");
    }
    page.close().line();
  }

  void budgets() {
    section("budgets", "Budgets");
    Queries.Answer budgets = report.page("budgets");
    if (budgets.size() == 0) {
      end(
          "The source has no limits: a journal knows those of budgets that reached a warning. Logs"
              + " of AWS have none.");
      return;
    }
    lead("As of each budget's last warning or denial; since then more may have been used.");
    PageTable table = new PageTable("Budgets");
    table.columns(
        new Cell.Text("budget"),
        new Cell.Text("for"),
        new Cell.Text("last known"),
        new Cell.NumberHeading("limit"),
        new Cell.NumberHeading("used"),
        new Cell.NumberHeading("of the limit"),
        new Cell.NumberHeading("denied"));
    for (int i = 0; i < budgets.size(); i++) {
      String unit = text(budgets.text(i, "unit"));
      String scope = text(budgets.text(i, "scope"));
      table.row(
          new Cell.Text(text(budgets.text(i, "budget"))),
          new Cell.Text(scope.isEmpty() ? "all calls" : scope),
          new Cell.Text(time(budgets, i)),
          amount(unit, budgets.number(i, "limit_amount")),
          amount(unit, budgets.number(i, "used")),
          new Cell.Share(budgets.number(i, "used_permille")),
          new Cell.Count(budgets.count(i, "denied")));
    }
    table.write(page, null);
    page.close().line();
  }

  private static Cell amount(String unit, long amount) {
    return switch (unit) {
      case "NANO_USD" -> new Cell.Dollars(BigDecimal.valueOf(amount, 9), false);
      default -> new Cell.Count(amount);
    };
  }

  private String time(Queries.Answer answer, int row) {
    Long micros = answer.count(row, "last_micros");
    return micros == null
        ? ""
        : MINUTE.format(Report.micros(micros).atZone(report.request().zone()));
  }

  void denials() {
    section("denials", "Denied calls");
    Queries.Answer denials = report.page("denials");
    if (denials.size() == 0) {
      end("No call was denied. Only a journal knows denials: AWS never sees such a call.");
      return;
    }
    lead("A denied call was not sent and cost nothing. In trial: it would have been denied.");
    PageTable table = new PageTable("Denied calls by budget");
    table.columns(
        new Cell.Text("budget"),
        new Cell.Text("for"),
        new Cell.Text("reason"),
        new Cell.Text("last"),
        new Cell.NumberHeading("denied"),
        new Cell.NumberHeading("in trial"));
    for (int i = 0; i < denials.size(); i++) {
      String scope = text(denials.text(i, "scope"));
      table.row(
          new Cell.Text(text(denials.text(i, "budget"))),
          new Cell.Text(scope.isEmpty() ? "all calls" : scope),
          new Cell.Text(words(denials.text(i, "denial_kind"))),
          new Cell.Text(time(denials, i)),
          new Cell.Count(denials.count(i, "denied")),
          new Cell.Count(denials.count(i, "shadow")));
    }
    table.write(page, null);
    page.close().line();
  }

  /** {@code over limit} of {@code OVER_LIMIT}. */
  private static String words(@Nullable String kind) {
    return kind == null ? "unknown" : kind.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  void estimates() {
    section("estimates", "How close estimates came");
    Queries.Answer estimates = report.page("estimates");
    if (estimates.size() == 0) {
      end("The source has no estimates: only a journal knows what was held before a call.");
      return;
    }
    lead(
        "What budgets held while calls were in flight, and what the calls used. The closer to 100"
            + " %, the more calls fit under a limit at once.");
    PageTable table = new PageTable("Estimates by model");
    table.columns(
        new Cell.Text("model"),
        new Cell.NumberHeading("calls"),
        new Cell.NumberHeading("tokens held"),
        new Cell.NumberHeading("tokens used"),
        new Cell.NumberHeading("used of held"),
        new Cell.NumberHeading("calls above"));
    for (int i = 0; i < estimates.size(); i++) {
      table.row(
          new Cell.Text(text(estimates.text(i, "model"))),
          new Cell.Count(estimates.count(i, "calls")),
          new Cell.Count(estimates.count(i, "held_tokens")),
          new Cell.Count(estimates.count(i, "used_tokens")),
          new Cell.Share(estimates.number(i, "used_permille")),
          new Cell.Count(estimates.count(i, "over_estimate")));
    }
    table.write(page, null);
    page.close().line();
  }

  /** What the page cannot know. */
  void unpriced(PageSummary summary) {
    section("unknown", "What is not known");
    boolean fromLogs = summary.logCalls() > 0;
    page.element(
        "p",
        fromLogs
            ? "These calls come from Bedrock's invocation logs. A call is in them only in accounts"
                + " and regions where logging is on."
            : "These calls come from the meter's journal. Calls that were made without the meter"
                + " are in no figure; bedrock-meter reconcile finds them in Bedrock's invocation"
                + " logs.",
        "class",
        "lead",
        "id",
        "unmetered");
    Queries.Answer unpriced = report.page("unpriced");
    if (unpriced.size() == 0) {
      end("Every call has a price.");
      return;
    }
    PageTable table = new PageTable("Calls without a price");
    table.columns(
        new Cell.Text("model"),
        new Cell.Text("why there is no price"),
        new Cell.NumberHeading("calls"),
        new Cell.NumberHeading("tokens"),
        new Cell.NumberHeading("certain part"));
    for (int i = 0; i < unpriced.size(); i++) {
      table.row(
          new Cell.Text(text(unpriced.text(i, "model"))),
          new Cell.Text(text(unpriced.text(i, "reason"))),
          new Cell.Count(unpriced.count(i, "calls")),
          new Cell.Count(unpriced.count(i, "total_tokens")),
          new Cell.Dollars(unpriced.amount(i, "at_least_usd"), false));
    }
    table.write(page, null);
    page.close().line();
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private void section(String id, String heading) {
    page.open("section", "id", id, "aria-labelledby", id + "-h").line();
    page.element("h2", heading, "id", id + "-h").line();
  }

  private void lead(String text) {
    page.element("p", text, "class", "lead").line();
  }

  private void end(String text) {
    page.element("p", text, "class", "empty").close().line();
  }
}
