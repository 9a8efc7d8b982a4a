// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.browser;

import io.github.bedrockmeter.report.facts.BudgetFacts;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Details;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import io.github.bedrockmeter.report.facts.CallFacts.Origin;
import io.github.bedrockmeter.report.facts.CallFacts.Outcome;
import io.github.bedrockmeter.report.facts.FactWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Two months of a company that does not exist: five teams, six models, one of them without a price,
 * three budgets; the same each time. Confined to one thread.
 */
final class SampleMonths {
  static final LocalDate FIRST = LocalDate.of(2026, 9, 1);
  static final LocalDate SECOND = LocalDate.of(2026, 10, 1);
  static final LocalDate END = LocalDate.of(2026, 11, 1);

  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** Dollars for a million tokens of input, output, cache read and cache write. */
  private record Priced(
      String id, int weight, @Nullable String input, String output, String read, String write) {}

  private static final List<Priced> MODELS =
      List.of(
          new Priced("anthropic.claude-sonnet-4-6", 34, "3", "15", "0.3", "3.75"),
          new Priced("amazon.nova-lite-v1:0", 30, "0.06", "0.24", "0.015", "0.06"),
          new Priced("anthropic.claude-haiku-4-5", 18, "1", "5", "0.1", "1.25"),
          new Priced("amazon.nova-pro-v1:0", 10, "0.8", "3.2", "0.2", "0.8"),
          new Priced("openai.gpt-oss-120b-1:0", 6, "0.15", "0.6", "0.15", "0.15"),
          new Priced("example.experimental-v0", 2, null, "", "", ""));

  private static final List<String> TEAMS =
      List.of(
          "support", "support", "support", "search", "search", "checkout", "research", "legal", "");

  private final FactWriter writer;
  private final Random random = new Random(20_261_101);
  private final Map<String, String> more;
  BigDecimal spentInSecond = BigDecimal.ZERO;
  long callsInSecond;

  /**
   * A writer of samples.
   *
   * @param more tags of one call in fifty
   */
  SampleMonths(FactWriter writer, Map<String, String> more) {
    this.writer = writer;
    this.more = more;
  }

  void write() {
    for (LocalDate day = FIRST; day.isBefore(END); day = day.plusDays(1)) {
      boolean weekend = day.getDayOfWeek().getValue() > 5;
      int grown = (int) (FIRST.until(day, java.time.temporal.ChronoUnit.DAYS) / 3);
      int calls = (weekend ? 12 : 38) + grown + random.nextInt(12);
      for (int i = 0; i < calls; i++) {
        call(day);
      }
    }
    budgets();
  }

  private void call(LocalDate day) {
    Instant time =
        day.atStartOfDay().toInstant(ZoneOffset.UTC).plusSeconds(6 * 3600 + random.nextInt(60_000));
    Priced model = model();
    long input = 400L + random.nextInt(30_000);
    long output = 100L + random.nextInt(4_000);
    boolean cached = model.id().startsWith("anthropic") && random.nextInt(3) > 0;
    boolean inVain = model.id().endsWith("haiku-4-5"); // what it writes is hardly ever read
    long read = cached && random.nextInt(4) > 0 && !inVain ? 8_000L + random.nextInt(60_000) : 0;
    long write = cached && read == 0 ? 8_000L + random.nextInt(40_000) : 0;
    List<Charge> charges = new ArrayList<>();
    charge(charges, "input", input, model.input());
    charge(charges, "output", output, model.output());
    charge(charges, "cacheRead", read, model.read());
    charge(charges, "cacheWrite.5m", write, model.write());
    BigDecimal cost =
        charges.stream()
            .map(Charge::usd)
            .filter(usd -> usd != null)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    boolean priced = model.input() != null;
    Map<String, String> tags = new TreeMap<>();
    String team = TEAMS.get(random.nextInt(TEAMS.size()));
    if (!team.isEmpty()) {
      tags.put("team", team);
      tags.put("environment", random.nextInt(5) == 0 ? "staging" : "production");
    }
    if (random.nextInt(50) == 0) {
      tags.putAll(more);
    }
    long total = input + output + read + write;
    boolean estimated = random.nextInt(120) == 0;
    writer.add(
        new CallFacts(
            new Origin(Origin.JOURNAL, null, null),
            new Identity(null, "c" + callsInSecond + day, time, null, "eu-central-1", null, null),
            new Model("Converse", model.id(), model.id(), model.id(), null, null, null, "standard"),
            new Outcome(
                CallFacts.Outcome.COMPLETED,
                null,
                null,
                900_000_000L,
                null,
                "SEEN",
                estimated ? "ESTIMATED" : "REPORTED",
                1),
            new Counts(input, output, read, write, total, "BODY"),
            new Money(
                priced ? cost : null,
                cost,
                priced ? null : "no price for " + model.id(),
                priced ? "bundled 2026-10-08" : null,
                total + 1_000L + random.nextInt(4_000),
                total + 6_000,
                null),
            null,
            new Details(charges, tags)));
    if (!day.isBefore(SECOND)) {
      spentInSecond = spentInSecond.add(cost);
      callsInSecond++;
    }
  }

  private Priced model() {
    int at = random.nextInt(100);
    for (Priced model : MODELS) {
      at -= model.weight();
      if (at < 0) {
        return model;
      }
    }
    return MODELS.get(0);
  }

  private static void charge(
      List<Charge> charges, String meter, long units, @Nullable String rate) {
    if (units > 0) {
      BigDecimal price = rate == null || rate.isEmpty() ? null : new BigDecimal(rate);
      charges.add(
          new Charge(
              meter,
              units,
              "BODY",
              price == null ? null : price.multiply(BigDecimal.valueOf(units)).divide(MILLION),
              price,
              price == null ? null : 1_000_000L,
              price == null ? null : "",
              price == null ? null : "example"));
    }
  }

  private void budgets() {
    warn("team-monthly", "team=support", 150, "0.8", "129.4");
    warn("team-monthly", "team=search", 80, "0.5", "41.07");
    warn("company-monthly", "", 500, "0.5", "251.9");
    for (int i = 0; i < 17; i++) {
      deny("team-monthly", "team=support", "OVER_LIMIT", i);
    }
    deny("research-daily", "team=research", "FROZEN", 3);
  }

  private void warn(String budget, String scope, long limit, String share, String settled) {
    writer.add(
        new BudgetFacts(
            new BudgetFacts.Event("t" + budget + scope, "THRESHOLD", at(24, 10), null, null),
            window(budget, scope),
            new BudgetFacts.Amounts(
                null,
                null,
                new BigDecimal(settled).movePointRight(9).longValueExact(),
                limit * 1_000_000_000L,
                new BigDecimal(share),
                null),
            new BudgetFacts.Words(null, null, null, null)));
  }

  private void deny(String budget, String scope, String kind, int n) {
    writer.add(
        new BudgetFacts(
            new BudgetFacts.Event(
                "d" + budget + n, "DENIED", at(29, 9 + n / 4), "denied" + n, "example"),
            new BudgetFacts.Subject(budget, scope, "NANO_USD", null, null), // as the journal has it
            new BudgetFacts.Amounts(90_000_000L, 20_000_000L, null, null, null, null),
            new BudgetFacts.Words(null, null, null, kind)));
  }

  private static Instant at(int day, int hour) {
    return SECOND.withDayOfMonth(day).atTime(hour, 12).toInstant(ZoneOffset.UTC);
  }

  private static BudgetFacts.Subject window(String budget, String scope) {
    Instant start = SECOND.atStartOfDay().toInstant(ZoneOffset.UTC);
    return new BudgetFacts.Subject(
        budget, scope, "NANO_USD", start, start.plus(Duration.ofDays(31)));
  }
}
