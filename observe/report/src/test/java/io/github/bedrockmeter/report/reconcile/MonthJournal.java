// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A journal in an H2 file, filled by SQL: a million calls through the meter would take an hour. The
 * product makes the tables. Confined to one thread.
 */
final class MonthJournal implements AutoCloseable {
  private static final int BATCH = 2_000;

  private final Connection connection;
  private final PreparedStatement usage;
  private final PreparedStatement line;
  private final PreparedStatement tag;
  private int waiting;

  MonthJournal(Path file) throws SQLException {
    try (UsageJournal journal = UsageJournal.file(file)) {
      // The first event makes the tables.
      journal.recordAdjustment(
          new Settled(new Account("none", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, null), 0, 0),
          new Correction("test", "makes the tables"));
    }
    this.connection = DriverManager.getConnection(url(file), "sa", "");
    connection.setAutoCommit(false);
    this.usage =
        connection.prepareStatement(
            """
            INSERT INTO bedrock_meter_usage (call_id, started_at, elapsed_nanos, operation,
              requested_model, model_id, region, tier, request_id, outcome, error, charge,
              input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, total_tokens,
              source, cost_usd, cost_at_least_usd, unpriced_reason, price_book, estimated_total_tokens,
              bound_total_tokens, estimate, anomalies, amendments, base_model, sent)
            VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'BODY', ?, ?, ?, 'b', 1, 1, '{}',
              '[]', '[]', ?, 'SEEN')""");
    this.line =
        connection.prepareStatement(
            "INSERT INTO bedrock_meter_usage_line (call_id, meter, units, source, usd) VALUES (?, ?,"
                + " ?, 'BODY', ?)");
    this.tag =
        connection.prepareStatement(
            "INSERT INTO bedrock_meter_usage_tag (call_id, tag, tag_value) VALUES (?, ?, ?)");
  }

  static String url(Path file) {
    return "jdbc:h2:file:" + file.toAbsolutePath();
  }

  void add(Month.Call call, long output, String tier, String region) throws SQLException {
    Usage used =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, call.input)
            .count(Meter.OUTPUT, output)
            .count(Meter.CACHE_READ, call.cacheRead)
            .count(Meter.CACHE_WRITE_1H, call.cacheWrite1h)
            .build();
    if (call.failed) {
      used = Usage.NONE;
    }
    Cost cost =
        call.failed
            ? Cost.NOTHING
            : PriceCatalog.bundled().costOf(new PriceKey(call.model, region, tier, call.at), used);
    Object[] values = {
      call.callId,
      call.at.atOffset(ZoneOffset.UTC),
      call.number % 2 == 0 ? "Converse" : "InvokeModel",
      call.model,
      call.model,
      region,
      tier,
      call.answerLost ? null : call.requestId,
      call.failed ? "FAILED" : "COMPLETED",
      call.failed ? "ThrottlingException" : null,
      call.failed ? "RELEASED" : "REPORTED",
      used.inputTokens(),
      used.outputTokens(),
      used.cacheReadTokens(),
      used.cacheWriteTokens(),
      used.totalTokens(),
      cost.usd().orElse(null),
      cost.atLeastUsd(),
      cost instanceof Cost.Unknown unknown ? unknown.reason() : null,
      call.model
    };
    for (int i = 0; i < values.length; i++) {
      usage.setObject(i + 1, values[i]);
    }
    usage.addBatch();
    for (Cost.Line charged :
        cost instanceof Cost.Known known ? known.lines() : List.<Cost.Line>of()) {
      line.setString(1, call.callId);
      line.setString(2, charged.meter().name());
      line.setLong(3, charged.count());
      line.setBigDecimal(4, charged.usd());
      line.addBatch();
    }
    for (var entry : call.tags.entrySet()) {
      tag.setString(1, call.callId);
      tag.setString(2, entry.getKey());
      tag.setString(3, entry.getValue());
      tag.addBatch();
    }
    if (++waiting == BATCH) {
      flush();
    }
  }

  private void flush() throws SQLException {
    for (PreparedStatement statement : List.of(usage, line, tag)) {
      statement.executeBatch();
    }
    connection.commit();
    waiting = 0;
  }

  void finish() throws SQLException {
    flush();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
