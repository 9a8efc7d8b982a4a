// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Details;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.progress.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The usage journal that the meter writes into PostgreSQL or an H2 file. It is only read, in one
 * transaction, and in pages, so that memory is bounded. Immutable and thread-safe.
 */
public final class JournalDatabase {
  private static final String DEFAULT_PREFIX = "bedrock_meter_";
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,30}");
  private static final int USUAL_PAGE = 5_000;

  /** Rows that a driver holds at once. */
  private static final int ROWS_OF_FETCH = 1_000;

  /** Before and after every time that a database takes. */
  private static final Instant EVER = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  private final DataSource database;
  private final String prefix;
  private final int rowsOfPage;

  private JournalDatabase(DataSource database, String prefix, int rowsOfPage) {
    this.database = database;
    this.prefix = prefix;
    this.rowsOfPage = rowsOfPage;
  }

  /** A journal whose tables have the names they have unless set otherwise. */
  public static JournalDatabase of(DataSource database) {
    return of(database, DEFAULT_PREFIX);
  }

  /**
   * A journal whose tables' names begin with a prefix.
   *
   * @throws IllegalArgumentException if no table's name can begin with it
   */
  public static JournalDatabase of(DataSource database, String prefix) {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "tablePrefix must be up to 31 lower case letters, digits and '_', such as"
              + " bedrock_meter_: '"
              + prefix
              + "'");
    }
    return new JournalDatabase(database, prefix, USUAL_PAGE);
  }

  /** The same, in pages of so many rows. */
  JournalDatabase inPagesOf(int rows) {
    return new JournalDatabase(database, prefix, rows);
  }

  /**
   * Reads the calls that started within a time, and what budgets reported in it, into the tables.
   *
   * @param from inclusive; null: from the first
   * @param to exclusive; null: to the last
   * @param progress is notified of calls
   * @return how many calls were read
   * @throws SQLException if the database is unavailable, or has no journal
   * @throws CancellationException if the thread is interrupted
   */
  public long readInto(
      FactTables tables, @Nullable Instant from, @Nullable Instant to, Progress progress)
      throws SQLException {
    OffsetDateTime start = (from == null ? EVER : from).atOffset(ZoneOffset.UTC);
    OffsetDateTime end = (to == null ? NEVER : to).atOffset(ZoneOffset.UTC);
    try (Connection connection = database.getConnection();
        FactWriter writer = tables.writer()) {
      boolean autoCommit = connection.getAutoCommit();
      int isolation = connection.getTransactionIsolation();
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      progress.begin("reading the journal", count(connection, start, end));
      try {
        long calls = calls(connection, writer, start, end, progress);
        budgets(connection, writer, start, end);
        return calls;
      } finally {
        progress.end();
        connection.rollback();
        connection.setAutoCommit(autoCommit);
        connection.setTransactionIsolation(isolation);
      }
    }
  }

  private long count(Connection connection, OffsetDateTime from, OffsetDateTime to)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT COUNT(*) FROM " + prefix + "usage WHERE started_at >= ? AND started_at < ?")) {
      select.setObject(1, from);
      select.setObject(2, to);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Pages of calls by their ids, each with the lines and tags of the same stretch of ids. */
  private long calls(
      Connection connection,
      FactWriter writer,
      OffsetDateTime from,
      OffsetDateTime to,
      Progress progress)
      throws SQLException {
    long read = 0;
    String last = "";
    try (PreparedStatement pages =
            connection.prepareStatement(page("usage", "call_id", "started_at"));
        PreparedStatement lines = connection.prepareStatement(stretch("usage_line"));
        PreparedStatement tags = connection.prepareStatement(stretch("usage_tag"))) {
      for (PreparedStatement select : List.of(pages, lines, tags)) {
        select.setFetchSize(ROWS_OF_FETCH);
      }
      while (true) {
        List<CallFacts> page = page(pages, last, from, to);
        if (page.isEmpty()) {
          return read;
        }
        String first = id(page.get(0));
        last = id(page.get(page.size() - 1));
        Stretch stretch = new Stretch(first, last, from, to);
        Map<String, List<Charge>> charges = charges(lines, stretch);
        Map<String, Map<String, String>> names = tags(tags, stretch);
        for (CallFacts call : page) {
          writer.add(
              call.with(
                  new Details(
                      charges.getOrDefault(id(call), List.of()),
                      names.getOrDefault(id(call), Map.of()))));
        }
        read += page.size();
        progress.advance(page.size());
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("interrupted while reading the journal");
        }
      }
    }
  }

  private static String id(CallFacts call) {
    return Objects.requireNonNull(call.identity().callId());
  }

  private List<CallFacts> page(
      PreparedStatement select, String after, OffsetDateTime from, OffsetDateTime to)
      throws SQLException {
    List<CallFacts> page = new ArrayList<>(rowsOfPage);
    bind(select, after, from, to);
    try (ResultSet result = select.executeQuery()) {
      Row row = new Row(result);
      while (result.next()) {
        page.add(JournalRows.call(row));
      }
    }
    return page;
  }

  /**
   * A page in the order of ids. The time is hidden from the planner, which would read and sort all
   * calls of that time for each page.
   */
  private String page(String table, String id, String time) {
    String hidden = "COALESCE(" + time + ", " + time + ")";
    return "SELECT * FROM %s%s WHERE %s > ? AND %s >= ? AND %s < ? ORDER BY %s FETCH FIRST %d ROWS ONLY"
        .formatted(prefix, table, id, hidden, hidden, id, rowsOfPage);
  }

  private static void bind(
      PreparedStatement page, String after, OffsetDateTime from, OffsetDateTime to)
      throws SQLException {
    page.setString(1, after);
    page.setObject(2, from);
    page.setObject(3, to);
  }

  /** The calls of a page: between two ids, and of the time that is read. */
  private record Stretch(String first, String last, OffsetDateTime from, OffsetDateTime to) {
    void bind(PreparedStatement select) throws SQLException {
      select.setString(1, first);
      select.setString(2, last);
      select.setObject(3, from);
      select.setObject(4, to);
    }
  }

  /** What belongs to the calls of a page, and to no other call between their ids. */
  private String stretch(String table) {
    return """
        SELECT d.* FROM %1$s%2$s d JOIN %1$susage u ON u.call_id = d.call_id
        WHERE d.call_id >= ? AND d.call_id <= ?
          AND COALESCE(u.started_at, u.started_at) >= ? AND COALESCE(u.started_at, u.started_at) < ?
        """
        .formatted(prefix, table);
  }

  private static Map<String, List<Charge>> charges(PreparedStatement select, Stretch stretch)
      throws SQLException {
    Map<String, List<Charge>> charges = new HashMap<>();
    stretch.bind(select);
    try (ResultSet result = select.executeQuery()) {
      Row row = new Row(result);
      while (result.next()) {
        charges
            .computeIfAbsent(row.required("call_id"), id -> new ArrayList<>(2))
            .add(JournalRows.charge(row));
      }
    }
    return charges;
  }

  private static Map<String, Map<String, String>> tags(PreparedStatement select, Stretch stretch)
      throws SQLException {
    Map<String, Map<String, String>> tags = new HashMap<>();
    stretch.bind(select);
    try (ResultSet result = select.executeQuery()) {
      Row row = new Row(result);
      while (result.next()) {
        tags.computeIfAbsent(row.required("call_id"), id -> new HashMap<>())
            .put(row.required("tag"), row.required("tag_value"));
      }
    }
    return tags;
  }

  private void budgets(
      Connection connection, FactWriter writer, OffsetDateTime from, OffsetDateTime to)
      throws SQLException {
    String last = "";
    String sql = page("budget_event", "event_id", timeOfEvents(connection));
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setFetchSize(ROWS_OF_FETCH);
      int rows = rowsOfPage;
      while (rows == rowsOfPage) {
        rows = 0;
        bind(select, last, from, to);
        try (ResultSet result = select.executeQuery()) {
          Row row = new Row(result);
          while (result.next()) {
            writer.add(JournalRows.budget(row));
            last = row.required("event_id");
            rows++;
          }
        }
      }
    }
  }

  private String timeOfEvents(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT * FROM " + prefix + "budget_event WHERE 1 = 0");
        ResultSet result = select.executeQuery()) {
      return new Row(result).has("happened_at") ? "happened_at" : "told_at";
    }
  }
}
