// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.jdbc.journal.UsageRow.Line;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The journal's statements. A row that exists already stays as it is. Thread-safe. */
final class JournalTables {
  private final String insertUsage;
  private final String insertLine;
  private final String insertTag;
  private final String insertBudgetEvent;
  private final String insertTagName;

  JournalTables(Schema schema, Dialect dialect) {
    this.insertUsage =
        dialect.insertIfAbsent(
            schema.table("usage"),
            "call_id",
            "call_id",
            "started_at",
            "elapsed_nanos",
            "operation",
            "requested_model",
            "model_id",
            "answered_by",
            "region",
            "tier",
            "request_id",
            "outcome",
            "error",
            "status_code",
            "charge",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "total_tokens",
            "source",
            "cost_usd",
            "cost_at_least_usd",
            "unpriced_reason",
            "price_book",
            "estimated_total_tokens",
            "bound_total_tokens",
            "estimated_cost_usd",
            "attempts",
            "attempts_unanswered",
            "stream_attempts",
            "stream_attempts_with_output",
            "abandoned_rule",
            "estimate",
            "anomalies",
            "amendments",
            "base_model",
            "sent",
            "overhead_nanos",
            "first_chunk_nanos");
    this.insertLine =
        dialect.insertIfAbsent(
            schema.table("usage_line"),
            "call_id, meter",
            "call_id",
            "meter",
            "units",
            "source",
            "usd",
            "rate_usd",
            "rate_per",
            "rate_basis",
            "rate_source");
    this.insertTag =
        dialect.insertIfAbsent(
            schema.table("usage_tag"), "call_id, tag", "call_id", "tag", "tag_value");
    this.insertBudgetEvent =
        dialect.insertIfAbsent(
            schema.table("budget_event"),
            "event_id",
            "event_id",
            "kind",
            "happened_at",
            "call_id",
            "budget",
            "scope",
            "unit",
            "requested",
            "available",
            "settled",
            "limit_amount",
            "share",
            "change_amount",
            "detail",
            "reason",
            "actor",
            "denial_kind",
            "model_id",
            "window_start",
            "window_end");
    this.insertTagName = dialect.insertIfAbsent(schema.table("tag_name"), "tag", "tag");
  }

  /** Inserts entries, each with its lines and tags. */
  boolean insert(Connection connection, List<JournalEntry> entries) throws SQLException {
    List<UsageRow> calls = rows(entries.stream().map(JournalEntry::usage));
    try (PreparedStatement usage = connection.prepareStatement(insertUsage);
        PreparedStatement lines = connection.prepareStatement(insertLine);
        PreparedStatement tags = connection.prepareStatement(insertTag);
        PreparedStatement tagNames = connection.prepareStatement(insertTagName);
        PreparedStatement events = connection.prepareStatement(insertBudgetEvent)) {
      // In one order for all processes, of which none then waits for the other.
      Set<String> names = new TreeSet<>();
      for (UsageRow call : calls) {
        names.addAll(call.details().tags().keySet());
        add(usage, call);
        String id = call.call().callId();
        for (Line line : call.details().lines()) {
          add(lines, id, line);
        }
        for (Map.Entry<String, String> tag : call.details().tags().entrySet()) {
          add(tags, id, tag.getKey(), tag.getValue());
        }
      }
      for (BudgetRow event : rows(entries.stream().map(JournalEntry::budget))) {
        add(events, event);
      }
      for (String name : names) {
        add(tagNames, name);
      }
      usage.executeBatch();
      lines.executeBatch();
      tags.executeBatch();
      tagNames.executeBatch();
      events.executeBatch();
    }
    return true;
  }

  private static <T> List<T> rows(Stream<@Nullable T> rows) {
    return rows.flatMap(Stream::ofNullable).toList();
  }

  /** In the order of the columns above. */
  private static void add(PreparedStatement insert, UsageRow row) throws SQLException {
    UsageRow.Call call = row.call();
    UsageRow.Result result = row.result();
    UsageRow.Tokens tokens = row.tokens();
    UsageRow.Costs costs = row.costs();
    UsageRow.Estimated estimated = row.estimated();
    UsageRow.Attempts attempts = row.attempts();
    add(
        insert,
        call.callId(),
        timestamp(call.startedAt()),
        call.elapsedNanos(),
        call.operation(),
        call.requestedModel(),
        call.modelId(),
        result.answeredBy(),
        call.region(),
        call.tier(),
        result.requestId(),
        result.outcome(),
        result.error(),
        result.statusCode(),
        result.charge(),
        tokens.inputTokens(),
        tokens.outputTokens(),
        tokens.cacheReadTokens(),
        tokens.cacheWriteTokens(),
        tokens.totalTokens(),
        tokens.source(),
        costs.costUsd(),
        costs.costAtLeastUsd(),
        costs.unpricedReason(),
        costs.priceBook(),
        estimated.estimatedTotalTokens(),
        estimated.boundTotalTokens(),
        estimated.estimatedCostUsd(),
        attempts.attempts(),
        attempts.attemptsUnanswered(),
        attempts.streamAttempts(),
        attempts.streamAttemptsWithOutput(),
        attempts.abandonedRule(),
        estimated.estimate(),
        row.details().anomalies(),
        row.details().amendments(),
        row.observed().baseModel(),
        row.observed().sent(),
        row.observed().overheadNanos(),
        row.observed().firstChunkNanos());
  }

  private static void add(PreparedStatement insert, String callId, Line line) throws SQLException {
    add(
        insert,
        callId,
        line.meter(),
        line.units(),
        line.source(),
        line.usd(),
        line.rateUsd(),
        line.ratePer(),
        line.rateBasis(),
        line.rateSource());
  }

  private static void add(PreparedStatement insert, BudgetRow row) throws SQLException {
    BudgetRow.Event event = row.event();
    BudgetRow.Subject subject = row.subject();
    BudgetRow.Amounts amounts = row.amounts();
    add(
        insert,
        event.eventId(),
        event.kind(),
        timestamp(event.at()),
        event.callId(),
        subject.budget(),
        subject.scope(),
        subject.unit(),
        amounts.requested(),
        amounts.available(),
        amounts.settled(),
        amounts.limitAmount(),
        amounts.share(),
        amounts.change(),
        row.words().detail(),
        row.words().reason(),
        row.words().actor(),
        row.words().denialKind(),
        event.modelId(),
        timestampOrNull(subject.windowStart()),
        timestampOrNull(subject.windowEnd()));
  }

  private static void add(PreparedStatement insert, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      insert.setObject(i + 1, values[i]);
    }
    insert.addBatch();
  }

  private static @Nullable OffsetDateTime timestampOrNull(@Nullable StoredInstant at) {
    return at == null ? null : timestamp(at);
  }

  private static OffsetDateTime timestamp(StoredInstant at) {
    return at.instant().atOffset(ZoneOffset.UTC);
  }
}
