// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table of calls, with its lines and tags. In JSON, as in the table, all parts stand
 * side by side in one object. Immutable and thread-safe.
 */
record UsageRow(
    @JsonUnwrapped Call call,
    @JsonUnwrapped Result result,
    @JsonUnwrapped Tokens tokens,
    @JsonUnwrapped Costs costs,
    @JsonUnwrapped Estimated estimated,
    @JsonUnwrapped Attempts attempts,
    @JsonUnwrapped Details details,
    @JsonUnwrapped Observed observed) {

  /** What was called, when, and for how long. */
  record Call(
      String callId,
      StoredInstant startedAt,
      long elapsedNanos,
      String operation,
      String requestedModel,
      String modelId,
      @Nullable String region,
      String tier) {}

  /** How it ended, and who answered. */
  record Result(
      @Nullable String answeredBy,
      @Nullable String requestId,
      String outcome,
      @Nullable String error,
      @Nullable Integer statusCode,
      String charge) {}

  /** What it consumed. */
  record Tokens(
      long inputTokens,
      long outputTokens,
      long cacheReadTokens,
      long cacheWriteTokens,
      long totalTokens,
      String source) {}

  /** What that costs. */
  record Costs(
      @Nullable BigDecimal costUsd,
      BigDecimal costAtLeastUsd,
      @Nullable String unpricedReason,
      @Nullable String priceBook) {}

  /**
   * What was expected before the call.
   *
   * @param estimate JSON: counts by meter
   */
  record Estimated(
      long estimatedTotalTokens,
      long boundTotalTokens,
      @Nullable BigDecimal estimatedCostUsd,
      String estimate) {}

  /** How often it was sent; null where that was not counted. */
  record Attempts(
      @Nullable Integer attempts,
      @Nullable Integer attemptsUnanswered,
      @Nullable Integer streamAttempts,
      @Nullable Integer streamAttemptsWithOutput,
      @Nullable String abandonedRule) {}

  /**
   * What a call has any number of.
   *
   * @param anomalies JSON
   * @param amendments JSON
   */
  record Details(String anomalies, String amendments, List<Line> lines, Map<String, String> tags) {}

  /**
   * What was observed of it; null where an earlier version wrote the row.
   *
   * @param baseModel the model itself, without geography; null where an ARN hides it
   * @param sent whether sending was seen or is inferred
   */
  record Observed(
      @Nullable String baseModel,
      @Nullable String sent,
      @Nullable Long overheadNanos,
      @Nullable Long firstChunkNanos) {}

  /** A count, and what it costs where it has a price. */
  record Line(
      String meter,
      long units,
      String source,
      @Nullable BigDecimal usd,
      @Nullable BigDecimal rateUsd,
      @Nullable Long ratePer,
      @Nullable String rateBasis,
      @Nullable String rateSource) {}

  static UsageRow read(JsonNode object) throws IOException {
    return new UsageRow(
        Json.part(object, Call.class),
        Json.part(object, Result.class),
        Json.part(object, Tokens.class),
        Json.part(object, Costs.class),
        Json.part(object, Estimated.class),
        Json.part(object, Attempts.class),
        Json.part(object, Details.class),
        Json.part(object, Observed.class));
  }
}
