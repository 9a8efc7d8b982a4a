// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

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
import io.github.bedrockmeter.usage.ModelId;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes facts of the journal's rows. Stateless. */
final class JournalRows {
  private static final String NO_ANOMALIES = "[]";
  private static final Details NONE = new Details(List.of(), Map.of());

  private JournalRows() {}

  /** A call, without its charges and tags. */
  static CallFacts call(Row row) throws SQLException {
    Long total = row.number("total_tokens");
    return new CallFacts(
        new Origin(Origin.JOURNAL, null, null),
        new Identity(
            row.text("request_id"),
            row.required("call_id"),
            row.requiredTime("started_at"),
            null,
            row.text("region"),
            null,
            null),
        model(row),
        new Outcome(
            row.required("outcome").toLowerCase(Locale.ROOT),
            row.text("error"),
            row.small("status_code"),
            row.number("elapsed_nanos"),
            row.number("first_chunk_nanos"),
            row.text("sent"),
            row.text("charge"),
            row.small("attempts")),
        new Counts(
            row.number("input_tokens"),
            row.number("output_tokens"),
            row.number("cache_read_tokens"),
            row.number("cache_write_tokens"),
            total,
            row.text("source")),
        money(row),
        NO_ANOMALIES.equals(row.text("anomalies")) ? null : row.text("anomalies"),
        NONE);
  }

  private static Model model(Row row) throws SQLException {
    String modelId = row.required("model_id");
    ModelId id = ModelId.of(modelId);
    String answeredBy = row.text("answered_by");
    String base = row.text("base_model");
    return new Model(
        operation(row.required("operation")),
        row.text("requested_model"),
        modelId,
        base != null ? base : base(id, answeredBy),
        id.geography(),
        id.kind() == ModelId.Kind.APPLICATION_PROFILE ? modelId : null,
        answeredBy,
        row.text("tier"));
  }

  private static @Nullable String base(ModelId id, @Nullable String answeredBy) {
    if (id.kind() == ModelId.Kind.MODEL || id.kind() == ModelId.Kind.CUSTOM_MODEL) {
      return id.baseId();
    }
    return answeredBy == null ? null : ModelId.ofResponse(answeredBy).baseId();
  }

  /** As AWS writes it: the journal may have the client's method, {@code converseStream}. */
  private static String operation(String operation) {
    return operation.isEmpty()
        ? operation
        : Character.toUpperCase(operation.charAt(0)) + operation.substring(1);
  }

  private static Money money(Row row) throws SQLException {
    BigDecimal atLeast = row.decimal("cost_at_least_usd");
    return new Money(
        row.decimal("cost_usd"),
        Objects.requireNonNullElse(atLeast, BigDecimal.ZERO),
        row.text("unpriced_reason"),
        row.text("price_book"),
        row.number("estimated_total_tokens"),
        row.number("bound_total_tokens"),
        row.decimal("estimated_cost_usd"));
  }

  static Charge charge(Row row) throws SQLException {
    Long units = row.number("units");
    return new Charge(
        row.required("meter"),
        units == null ? 0 : units,
        row.text("source"),
        row.decimal("usd"),
        row.decimal("rate_usd"),
        row.number("rate_per"),
        row.text("rate_basis"),
        row.text("rate_source"));
  }

  static BudgetFacts budget(Row row) throws SQLException {
    // Called told_at by version 1.
    String time = row.has("happened_at") ? "happened_at" : "told_at";
    return new BudgetFacts(
        new BudgetFacts.Event(
            row.required("event_id"),
            row.required("kind"),
            row.requiredTime(time),
            row.text("call_id"),
            row.text("model_id")),
        new BudgetFacts.Subject(
            row.text("budget"),
            row.text("scope"),
            row.text("unit"),
            row.time("window_start"),
            row.time("window_end")),
        new BudgetFacts.Amounts(
            row.number("requested"),
            row.number("available"),
            row.number("settled"),
            row.number("limit_amount"),
            row.decimal("share"),
            row.number("change_amount")),
        new BudgetFacts.Words(
            row.text("detail"), row.text("reason"), row.text("actor"), row.text("denial_kind")));
  }
}
