// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table of what budgets reported. In JSON, as in the table, all parts stand side by
 * side in one object. Immutable and thread-safe.
 */
record BudgetRow(
    @JsonUnwrapped Event event,
    @JsonUnwrapped Subject subject,
    @JsonUnwrapped Amounts amounts,
    @JsonUnwrapped Words words) {

  /**
   * What happened, and when.
   *
   * @param at called {@code toldAt} by version 1
   */
  record Event(
      String eventId,
      String kind,
      @JsonProperty("happenedAt") @JsonAlias("toldAt") StoredInstant at,
      @Nullable String callId,
      @Nullable String modelId) {}

  /** Which balance it is about, and its window where that is known and ends. */
  record Subject(
      @Nullable String budget,
      @Nullable String scope,
      @Nullable String unit,
      @Nullable StoredInstant windowStart,
      @Nullable StoredInstant windowEnd) {
    static final Subject NONE = new Subject(null, null, null);

    Subject(@Nullable String budget, @Nullable String scope, @Nullable String unit) {
      this(budget, scope, unit, null, null);
    }
  }

  /** Amounts, in whole units of the subject; a share is part of the limit, 0.8 for 80 %. */
  record Amounts(
      @Nullable Long requested,
      @Nullable Long available,
      @Nullable Long settled,
      @Nullable Long limitAmount,
      @Nullable BigDecimal share,
      @Nullable Long change) {
    static final Amounts NONE = new Amounts(null, null, null, null, null, null);
  }

  /** What was changed or denied, why, and by whom. */
  record Words(
      @Nullable String detail,
      @Nullable String reason,
      @Nullable String denialKind,
      @Nullable String actor) {
    static final Words NONE = new Words(null, null);

    Words(@Nullable String detail, @Nullable String reason) {
      this(detail, reason, null, null);
    }
  }

  static BudgetRow read(JsonNode object) throws IOException {
    return new BudgetRow(
        Json.part(object, Event.class),
        Json.part(object, Subject.class),
        Json.part(object, Amounts.class),
        Json.part(object, Words.class));
  }
}
