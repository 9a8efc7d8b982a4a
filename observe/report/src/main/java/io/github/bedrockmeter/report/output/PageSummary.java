// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands at the top of the page, and what it cannot know. Immutable.
 *
 * @param logCalls calls that come from Bedrock's invocation logs, not from the meter's journal
 * @param skipped what was read and is no call
 */
record PageSummary(
    long calls,
    BigDecimal atLeastUsd,
    long unpricedCalls,
    long totalTokens,
    long uncountedCalls,
    long failedCalls,
    long estimatedCalls,
    long logCalls,
    long earlierCalls,
    BigDecimal earlierUsd,
    long skipped,
    CacheAndDenials others) {

  /**
   * The sums of two sections, which are cards too.
   *
   * @param savedUsd null: unknown
   * @param wastedUsd null: unknown
   * @param unknownReads counts of reads whose saving is unknown
   */
  record CacheAndDenials(
      @Nullable BigDecimal savedUsd,
      @Nullable BigDecimal wastedUsd,
      long unknownReads,
      long denied,
      long shadow) {}

  static PageSummary of(Report whole) {
    Queries.Answer answer = whole.page("summary");
    whole.queries().file("output/cache");
    Queries.Answer cache = whole.page("cache-total");
    Queries.Answer denials = whole.page("denials-total");
    return new PageSummary(
        answer.number(0, "calls"),
        answer.dollars(0, "at_least_usd"),
        answer.number(0, "unpriced_calls"),
        answer.number(0, "total_tokens"),
        answer.number(0, "uncounted_calls"),
        answer.number(0, "failed_calls"),
        answer.number(0, "estimated_calls"),
        answer.number(0, "log_calls"),
        answer.number(0, "earlier_calls"),
        answer.dollars(0, "earlier_at_least_usd"),
        answer.number(0, "skipped"),
        new CacheAndDenials(
            cache.amount(0, "net_usd"),
            cache.amount(0, "wasted_usd"),
            cache.number(0, "unknown_reads"),
            denials.number(0, "denied"),
            denials.number(0, "shadow")));
  }

  boolean atLeast() {
    return unpricedCalls > 0;
  }

  void cards(Markup page) {
    page.open("dl", "class", "cards").line();
    page.open("div", "class", "first").element("dt", "Spent");
    page.open("dd");
    page.element(
        "data",
        (atLeast() ? "at least " : "") + Amounts.shown(atLeastUsd),
        "id",
        "spent",
        "value",
        Amounts.exact(atLeastUsd));
    page.element("div", compared(), "class", "note").close();
    page.close().line();
    card(
        page,
        "Calls",
        Amounts.count(calls),
        failedCalls == 0 ? "none failed" : failedCalls + " failed");
    card(page, "Tokens", Amounts.rough(totalTokens), uncounted());
    cache(page);
    card(
        page,
        "Denied calls",
        Amounts.count(others.denied),
        others.shadow == 0
            ? "by budgets, before they were sent"
            : others.shadow + " more in trial");
    card(
        page,
        "Calls without a price",
        Amounts.count(unpricedCalls),
        unpricedCalls == 0 ? "every call is priced" : "they cost more than is shown");
    page.close().line();
  }

  /** An amount that is only certain in part is "at least"; with nothing certain, it is unknown. */
  private void cache(Markup page) {
    BigDecimal saved = others.savedUsd;
    BigDecimal wasted = others.wastedUsd;
    boolean partly = others.unknownReads > 0;
    String note =
        wasted == null
            ? "some counts have no price to compare with"
            : wasted.signum() == 0
                ? "reads, less what writes cost more"
                : Amounts.shown(wasted) + " of it wasted on writes";
    if (saved == null || (partly && saved.signum() <= 0)) {
      card(page, "Saved by the prompt cache", "unknown", note);
      return;
    }
    card(
        page,
        saved.signum() >= 0 ? "Saved by the prompt cache" : "Lost by the prompt cache",
        (partly ? "at least " : "") + Amounts.shown(saved.abs()),
        note);
  }

  private static void card(Markup page, String term, String value, String note) {
    page.open("div").element("dt", term);
    page.open("dd").text(value).element("div", note, "class", "note").close();
    page.close().line();
  }

  private String uncounted() {
    return uncountedCalls == 0
        ? "input, output and cache"
        : "of " + Amounts.count(uncountedCalls) + " calls unknown";
  }

  /** {@code 12 % more than in the period before ($1.20)}. */
  private String compared() {
    if (earlierCalls == 0) {
      return "no calls in the period before";
    }
    String before = " than in the period before (" + Amounts.shown(earlierUsd) + ")";
    BigDecimal change = atLeastUsd.subtract(earlierUsd);
    if (earlierUsd.signum() == 0) {
      return Amounts.shown(change) + " more" + before;
    }
    BigDecimal percent = change.abs().movePointRight(2).divide(earlierUsd, 0, RoundingMode.HALF_UP);
    return change.signum() == 0
        ? "as much as in the period before"
        : percent.toPlainString() + "\u00a0% " + (change.signum() > 0 ? "more" : "less") + before;
  }

  void notices(Markup page) {
    List<String> notices = new ArrayList<>();
    if (unpricedCalls > 0) {
      notices.add(
          plural(unpricedCalls, "call has", "calls have")
              + " no price that is known in full. Every total with \u201cat least\u201d or \u2265"
              + " may be more; none counts an unknown cost as zero. They are listed below.");
    }
    if (estimatedCalls > 0) {
      notices.add(
          plural(estimatedCalls, "call was", "calls were")
              + " charged by an estimate, because Bedrock did not report what was used; such as a"
              + " stream that its reader left.");
    }
    if (skipped > 0) {
      notices.add(
          plural(skipped, "line or file", "lines or files")
              + " of the source could not be read as a call. No figure includes that.");
    }
    if (notices.isEmpty()) {
      return;
    }
    page.open("ul", "class", "notices").line();
    notices.forEach(notice -> page.element("li", notice).line());
    page.close().line();
  }

  static String plural(long count, String one, String many) {
    return Amounts.count(count) + " " + (count == 1 ? one : many);
  }
}
