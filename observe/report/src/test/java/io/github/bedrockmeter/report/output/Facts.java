// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

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
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls made by hand. Stateless. */
final class Facts {
  private Facts() {}

  /** A call with output for so many dollars, as its only charge. */
  static CallFacts call(String time, String usd, String model, Map<String, String> tags) {
    BigDecimal cost = new BigDecimal(usd);
    return new CallFacts(
        new Origin(Origin.JOURNAL, null, null),
        new Identity(null, "call-" + time, Instant.parse(time), null, "us-east-1", null, null),
        new Model("Converse", model, model, model, null, null, null, "standard"),
        new Outcome(CallFacts.Outcome.COMPLETED, null, null, null, null, null, "REPORTED", 1),
        new Counts(0L, 1L, 0L, 0L, 1L, "BODY"),
        new Money(cost, cost, null, "test", 10L, 20L, cost),
        null,
        new Details(List.of(new Charge("output", 1, "BODY", cost, cost, 1L, "", "test")), tags));
  }

  /** A call of which so many dollars are certain, and the rest has no price. */
  static CallFacts unpriced(
      String time, String atLeast, String model, String reason, List<Charge> charges) {
    CallFacts call = call(time, "1", model, Map.of());
    return new CallFacts(
        call.origin(),
        call.identity(),
        call.model(),
        call.outcome(),
        call.counts(),
        new Money(null, new BigDecimal(atLeast), reason, null, 10L, 20L, null),
        null,
        new Details(charges, Map.of()));
  }

  /** A call that read a unit from the cache, and has a unit of input for a dollar. */
  static CallFacts cached(String time, String model, @Nullable String usd) {
    CallFacts call = call(time, "1", model, Map.of());
    BigDecimal one = BigDecimal.ONE;
    BigDecimal read = usd == null ? null : new BigDecimal(usd);
    Long per = usd == null ? null : (Long) 1L;
    return call.with(
        new Details(
            List.of(
                new Charge("input", 1, "BODY", one, one, 1L, "", "test"),
                new Charge("cacheRead", 1, "BODY", read, read, per, "", "test")),
            Map.of()));
  }

  /** A budget's event. */
  static BudgetFacts event(String time, String kind) {
    return new BudgetFacts(
        new BudgetFacts.Event("event-" + time, kind, Instant.parse(time), null, null),
        new BudgetFacts.Subject("daily", "", "REQUESTS", null, null),
        new BudgetFacts.Amounts(1L, null, null, null, null, null),
        new BudgetFacts.Words(null, null, null, null));
  }
}
