// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something a budget reported, or that was changed about it: a row of the table {@code
 * budget_events}. Immutable and thread-safe.
 */
public record BudgetFacts(Event event, Subject subject, Amounts amounts, Words words) {

  /** What happened, and when. */
  public record Event(
      String eventId,
      String kind,
      Instant time,
      @Nullable String callId,
      @Nullable String modelId) {}

  /** The balance it is about, and its window where that is known and ends. */
  public record Subject(
      @Nullable String budget,
      @Nullable String scope,
      @Nullable String unit,
      @Nullable Instant windowStart,
      @Nullable Instant windowEnd) {}

  /** Whole units of the subject; a share is part of the limit, 0.8 for 80 %. */
  public record Amounts(
      @Nullable Long requested,
      @Nullable Long available,
      @Nullable Long settled,
      @Nullable Long limit,
      @Nullable BigDecimal share,
      @Nullable Long change) {}

  /** What was changed or denied, why, and by whom. */
  public record Words(
      @Nullable String detail,
      @Nullable String reason,
      @Nullable String actor,
      @Nullable String denialKind) {}
}
