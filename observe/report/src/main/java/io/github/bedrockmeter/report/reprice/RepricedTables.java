// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reprice;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.Rate.Basis;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The journal's tables, as far as a repricing reads and writes them. Immutable, thread-safe. */
final class RepricedTables {
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,30}");
  private static final int LEAST_VERSION = 2;
  private static final String KIND = "REPRICED";
  private static final JsonFactory JSON = new JsonFactory();
  private static final Instant EVER = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  private final String prefix;

  RepricedTables(String prefix) {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "the prefix must be up to 31 lower case letters, digits and '_', such as bedrock_meter_: '"
              + prefix
              + "'");
    }
    this.prefix = prefix;
  }

  /** Fails if the tables were made by a version that keeps no actors. */
  void requireVersion(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT COALESCE(MAX(version), 0) FROM "
                + prefix
                + "schema WHERE component = 'journal'")) {
      try (ResultSet row = select.executeQuery()) {
        row.next();
        if (row.getInt(1) < LEAST_VERSION) {
          throw new SQLException(
              "the journal's tables are of version "
                  + row.getInt(1)
                  + "; let a meter of this version open it first");
        }
      }
    }
  }

  /** The next calls without a cost, by their ids. */
  List<UnpricedCall> page(
      Connection connection, String after, @Nullable Instant from, @Nullable Instant to, int rows)
      throws SQLException {
    String sql =
        "SELECT call_id, started_at, model_id, answered_by, region, tier, cost_at_least_usd,"
            + " unpriced_reason, price_book, anomalies FROM "
            + prefix
            + "usage WHERE cost_usd IS NULL AND call_id > ? AND started_at >= ? AND started_at < ?"
            + " ORDER BY call_id FETCH FIRST "
            + rows
            + " ROWS ONLY";
    List<UnpricedCall> page = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(sql);
        PreparedStatement lines =
            connection.prepareStatement(
                "SELECT meter, units FROM "
                    + prefix
                    + "usage_line WHERE call_id = ? ORDER BY meter")) {
      select.setString(1, after);
      select.setObject(2, (from == null ? EVER : from).atOffset(ZoneOffset.UTC));
      select.setObject(3, (to == null ? NEVER : to).atOffset(ZoneOffset.UTC));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          String callId = row.getString("call_id");
          page.add(
              new UnpricedCall(
                  callId,
                  row.getObject("started_at", OffsetDateTime.class).toInstant(),
                  row.getString("model_id"),
                  row.getString("answered_by"),
                  row.getString("region"),
                  row.getString("tier"),
                  new UnpricedCall.Before(
                      row.getBigDecimal("cost_at_least_usd"),
                      row.getString("unpriced_reason"),
                      row.getString("price_book"),
                      row.getString("anomalies")),
                  counts(lines, callId)));
        }
      }
    }
    return page;
  }

  private static Map<String, Long> counts(PreparedStatement lines, String callId)
      throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    lines.setString(1, callId);
    try (ResultSet row = lines.executeQuery()) {
      while (row.next()) {
        counts.put(row.getString("meter"), row.getLong("units"));
      }
    }
    return counts;
  }

  /**
   * Writes a price and what was there before.
   *
   * @return whether the call had no price still
   */
  boolean write(Connection connection, UnpricedCall call, Cost.Known cost, Author author)
      throws SQLException {
    try (PreparedStatement usage =
        connection.prepareStatement(
            "UPDATE "
                + prefix
                + "usage SET cost_usd = ?, cost_at_least_usd = ?, unpriced_reason = NULL,"
                + " price_book = ? WHERE call_id = ? AND cost_usd IS NULL")) {
      usage.setBigDecimal(1, cost.amountUsd());
      usage.setBigDecimal(2, cost.amountUsd());
      usage.setString(3, cost.book());
      usage.setString(4, call.callId());
      if (usage.executeUpdate() == 0) {
        return false;
      }
    }
    writeLines(connection, call, cost);
    writeEvent(connection, call, cost, author);
    return true;
  }

  private void writeLines(Connection connection, UnpricedCall call, Cost.Known cost)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE "
                + prefix
                + "usage_line SET usd = ?, rate_usd = ?, rate_per = ?, rate_basis = ?,"
                + " rate_source = ? WHERE call_id = ? AND meter = ?")) {
      for (Cost.Line line : cost.lines()) {
        update.setBigDecimal(1, line.usd());
        update.setBigDecimal(2, line.rate().usd());
        update.setLong(3, line.rate().per());
        update.setString(
            4,
            line.rate().basis().stream()
                .map(Basis::name)
                .sorted()
                .collect(Collectors.joining(",")));
        update.setString(5, line.rate().source());
        update.setString(6, call.callId());
        update.setString(7, line.meter().name());
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  private void writeEvent(Connection connection, UnpricedCall call, Cost.Known cost, Author author)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO "
                + prefix
                + "budget_event (event_id, kind, happened_at, call_id, model_id, detail, reason,"
                + " actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, KIND + ":" + call.callId() + ":" + author.at().toEpochMilli());
      insert.setString(2, KIND);
      insert.setObject(3, author.at().atOffset(ZoneOffset.UTC));
      insert.setString(4, call.callId());
      insert.setString(5, call.modelId());
      insert.setString(6, detail(call.before(), cost));
      insert.setString(7, author.reason());
      insert.setString(8, author.by());
      insert.executeUpdate();
    }
  }

  /** JSON: the old state and the new one. Lines had no prices before. */
  private static String detail(UnpricedCall.Before before, Cost.Known cost) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectFieldStart("before");
      json.writeNullField("costUsd");
      json.writeStringField("costAtLeastUsd", plain(before.atLeastUsd()));
      json.writeStringField("unpricedReason", before.reason());
      json.writeStringField("priceBook", before.priceBook());
      json.writeEndObject();
      json.writeObjectFieldStart("after");
      json.writeStringField("costUsd", plain(cost.amountUsd()));
      json.writeStringField("priceBook", cost.book());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toString();
  }

  private static String plain(BigDecimal usd) {
    return usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
  }
}
