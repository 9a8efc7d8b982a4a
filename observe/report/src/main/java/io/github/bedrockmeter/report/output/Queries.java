// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.SqlFiles;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection of its own to the engine, whose temporary tables no other report sees. Confined to
 * one thread.
 */
final class Queries implements AutoCloseable {
  private final Connection connection;

  private Queries(Connection connection) {
    this.connection = connection;
  }

  static Queries open(FactTables tables) {
    try {
      return new Queries(tables.duplicate());
    } catch (SQLException failure) {
      throw new IllegalStateException("the engine has no connection", failure);
    }
  }

  /** Asks the query of a SQL file. */
  Answer file(String file) {
    return text(SqlFiles.text(file));
  }

  /** Runs a statement, whose parameters are bound. */
  Answer text(String sql, @Nullable Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      if (!statement.execute()) {
        return new Answer(Map.of(), List.of());
      }
      try (ResultSet result = statement.getResultSet()) {
        return Answer.of(result);
      }
    } catch (SQLException failure) {
      throw new IllegalStateException(failure.getMessage() + "\n" + sql, failure);
    }
  }

  /**
   * The periods of a report.
   *
   * @param earlier those of the time before, each beside the one of the same place; one that there
   *     is no place for, as the 31st of a month before one of 30 days, is beside the last
   */
  void periods(List<Period.Span> spans, List<Period.Span> earlier) {
    periods(earlier, true, spans.size());
    periods(spans, false, spans.size());
  }

  private void periods(List<Period.Span> spans, boolean earlier, int places) {
    // Not by INSERT: thousands of them, as hours of years, would not fit into the engine's memory.
    try (DuckDBAppender rows =
        connection
            .unwrap(DuckDBConnection.class)
            .createAppender("temp", "main", "report_periods")) {
      for (int i = 0; i < spans.size(); i++) {
        rows.beginRow()
            .append(Math.min(i, places - 1))
            .append(earlier)
            .append(utc(spans.get(i).starts()))
            .append(utc(spans.get(i).ends()))
            .append(spans.get(i).label())
            .endRow();
      }
    } catch (SQLException failure) {
      throw new IllegalStateException("the engine refuses the periods", failure);
    }
  }

  private static LocalDateTime utc(Instant at) {
    return LocalDateTime.ofInstant(at, ZoneOffset.UTC);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException failure) {
      throw new IllegalStateException("the engine does not close", failure);
    }
  }

  /** What a query answered. Immutable. */
  record Answer(Map<String, Integer> columns, List<List<@Nullable Object>> rows) {
    private static Answer of(ResultSet result) throws SQLException {
      ResultSetMetaData data = result.getMetaData();
      Map<String, Integer> columns = new HashMap<>();
      for (int i = 0; i < data.getColumnCount(); i++) {
        columns.put(data.getColumnLabel(i + 1), i);
      }
      List<List<@Nullable Object>> rows = new ArrayList<>();
      while (result.next()) {
        List<@Nullable Object> row = new ArrayList<>();
        for (int i = 1; i <= columns.size(); i++) {
          Object value = result.getObject(i);
          row.add(value instanceof Array list ? list.getArray() : value);
        }
        rows.add(row);
      }
      return new Answer(columns, rows);
    }

    int size() {
      return rows.size();
    }

    private @Nullable Object get(int row, String column) {
      Integer index = columns.get(column);
      if (index == null) {
        throw new IllegalArgumentException("no column '" + column + "': " + columns.keySet());
      }
      return rows.get(row).get(index);
    }

    @Nullable String text(int row, String column) {
      Object value = get(row, column);
      return value == null ? null : value.toString();
    }

    List<@Nullable String> texts(int row, String column) {
      Object value = get(row, column);
      List<@Nullable String> texts = new ArrayList<>();
      if (value instanceof Object[] list) {
        Arrays.stream(list).forEach(one -> texts.add(one == null ? null : one.toString()));
      }
      return texts;
    }

    /** A whole number; null is unknown. */
    @Nullable Long count(int row, String column) {
      Object value = get(row, column);
      if (value instanceof BigInteger big) {
        return big.longValueExact();
      }
      if (value instanceof BigDecimal decimal) {
        return decimal.longValueExact();
      }
      return value instanceof Number number ? (Long) number.longValue() : null;
    }

    /** A whole number that the query always has. */
    long number(int row, String column) {
      Long count = count(row, column);
      if (count == null) {
        throw new IllegalStateException(column + " is null");
      }
      return count;
    }

    /** An exact amount that the query always has. */
    BigDecimal dollars(int row, String column) {
      BigDecimal dollars = amount(row, column);
      if (dollars == null) {
        throw new IllegalStateException(column + " is null");
      }
      return dollars;
    }

    /** An exact amount; null is unknown. */
    @Nullable BigDecimal amount(int row, String column) {
      return get(row, column) instanceof BigDecimal amount ? Amounts.plain(amount) : null;
    }
  }
}
