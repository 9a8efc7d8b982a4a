// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.progress.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The usage journal that the meter writes into PostgreSQL or an H2 file. It is only read, in one
 * transaction, each table from its beginning to its end, and the engine joins them: memory is
 * bounded, and no row is looked up by its id. Immutable and thread-safe.
 */
public final class JournalDatabase {
  private static final String DEFAULT_PREFIX = "bedrock_meter_";
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,30}");

  /** Rows that a driver holds at once. */
  private static final int ROWS_OF_FETCH = 1_000;

  /** A table is read to its end where one of so many rows, or more, is needed. */
  private static final int MOST = 5;

  private final DataSource database;
  private final String prefix;

  private JournalDatabase(DataSource database, String prefix) {
    this.database = database;
    this.prefix = prefix;
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
    return new JournalDatabase(database, prefix);
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
    Range range =
        new Range(
            from == null ? null : from.atOffset(ZoneOffset.UTC),
            to == null ? null : to.atOffset(ZoneOffset.UTC));
    long before = tables.lastCall();
    tables.execute("journal/staging");
    long calls;
    try (Connection connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      int isolation = connection.getTransactionIsolation();
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      setLazy(connection, true);
      try {
        calls = staged(connection, tables, range, progress);
      } finally {
        connection.rollback();
        setLazy(connection, false);
        connection.setAutoCommit(autoCommit);
        connection.setTransactionIsolation(isolation);
      }
    }
    tables.execute("journal/charges", before);
    tables.execute("journal/tags", before);
    tables.execute("journal/unstaging");
    return calls;
  }

  /** H2 collects a whole answer before it gives the first row, unless this is set. */
  private static void setLazy(Connection connection, boolean lazy) throws SQLException {
    if (connection.getMetaData().getDatabaseProductName().equals("H2")) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LAZY_QUERY_EXECUTION " + (lazy ? 1 : 0));
      }
    }
  }

  private long staged(Connection connection, FactTables tables, Range range, Progress progress)
      throws SQLException {
    try (FactTables.Numbers numbers = tables.numbers(1);
        FactWriter writer = numbers.writer()) {
      numbers.place(writer, 0);
      long total = count(connection, range);
      boolean most = range.equals(Range.ALL) || MOST * total >= count(connection, Range.ALL);
      String usage = prefix + "usage";
      Stream calls =
          new Stream(
              connection,
              progress,
              "SELECT * FROM " + usage + range.where("started_at", most),
              range);
      long read = calls.read("calls", total, row -> writer.add(JournalRows.call(row)));
      details("usage_line", most, range, connection, progress)
          .read("counts", 0, row -> writer.add(row.required("call_id"), JournalRows.charge(row)));
      details("usage_tag", most, range, connection, progress)
          .read(
              "tags",
              0,
              row ->
                  writer.add(
                      row.required("call_id"), row.required("tag"), row.required("tag_value")));
      String time = timeOfEvents(connection);
      new Stream(
              connection,
              progress,
              "SELECT * FROM " + prefix + "budget_event" + range.where(time, false),
              range)
          .read("events of budgets", 0, row -> writer.add(JournalRows.budget(row)));
      return read;
    }
  }

  /** All of a table, where most of it is needed anyway; else what belongs to the calls. */
  private Stream details(
      String table, boolean most, Range range, Connection connection, Progress progress) {
    String all = "SELECT d.* FROM " + prefix + table + " d";
    return most
        ? new Stream(connection, progress, all, Range.ALL)
        : new Stream(
            connection,
            progress,
            all
                + " JOIN "
                + prefix
                + "usage u ON u.call_id = d.call_id"
                + range.where("u.started_at", false),
            range);
  }

  private long count(Connection connection, Range range) throws SQLException {
    String sql = "SELECT COUNT(*) FROM " + prefix + "usage" + range.where("started_at", false);
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      range.bind(select);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** A time that is read; null: without that end. */
  private record Range(@Nullable OffsetDateTime from, @Nullable OffsetDateTime to) {
    static final Range ALL = new Range(null, null);

    /**
     * The condition.
     *
     * @param scanned whether the time is to be hidden from the planner, so that it does not look up
     *     most rows of a table one by one
     */
    String where(String column, boolean scanned) {
      String time = scanned ? "COALESCE(" + column + ", " + column + ")" : column;
      List<String> conditions = new ArrayList<>(2);
      if (from != null) {
        conditions.add(time + " >= ?");
      }
      if (to != null) {
        conditions.add(time + " < ?");
      }
      return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    void bind(PreparedStatement select) throws SQLException {
      int index = 1;
      for (OffsetDateTime end : new @Nullable OffsetDateTime[] {from, to}) {
        if (end != null) {
          select.setObject(index++, end);
        }
      }
    }
  }

  /** Takes the row at which a result stands. */
  @FunctionalInterface
  private interface RowSink {
    void take(Row row) throws SQLException;
  }

  /** A query whose rows are taken as they come, so that few are held. */
  private record Stream(Connection connection, Progress progress, String sql, Range range) {

    /** Returns how many rows there were. */
    long read(String what, long total, RowSink sink) throws SQLException {
      long read = 0;
      progress.begin("reading " + what + " of the journal", total);
      try (PreparedStatement select = connection.prepareStatement(sql)) {
        select.setFetchSize(ROWS_OF_FETCH);
        range.bind(select);
        try (ResultSet result = select.executeQuery()) {
          Row row = new Row(result);
          while (result.next()) {
            sink.take(row);
            if (++read % ROWS_OF_FETCH == 0) {
              progress.advance(ROWS_OF_FETCH);
              if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("interrupted while reading the journal");
              }
            }
          }
        }
        return read;
      } finally {
        progress.advance(read % ROWS_OF_FETCH);
        progress.end();
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
