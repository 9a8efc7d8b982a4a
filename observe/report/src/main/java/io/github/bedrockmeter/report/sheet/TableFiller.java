// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.sheet;

import io.github.bedrockmeter.report.facts.FactTables;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Adds rows to a table that a SQL file has made beside the fact tables. Rows can be asked for after
 * {@link #close}. Confined to one thread.
 */
public final class TableFiller implements AutoCloseable {
  private final String table;
  private final Connection connection;
  private final DuckDBAppender appender;

  private TableFiller(String table, Connection connection, DuckDBAppender appender) {
    this.table = table;
    this.connection = connection;
    this.appender = appender;
  }

  /** A filler of a table. */
  public static TableFiller of(FactTables tables, String table) {
    try {
      Connection connection = tables.duplicate();
      DuckDBAppender appender =
          connection.unwrap(DuckDBConnection.class).createAppender("main", table);
      return new TableFiller(table, connection, appender);
    } catch (SQLException failure) {
      throw new IllegalStateException("no table '" + table + "': " + failure.getMessage(), failure);
    }
  }

  /**
   * Adds a row.
   *
   * @param values texts, {@code Long}, {@code Boolean}, {@code LocalDate}, {@code Instant}, and
   *     {@code BigDecimal} of the column's scale
   * @throws IllegalStateException if the engine refuses it
   */
  public void add(@Nullable Object... values) {
    try {
      appender.beginRow();
      for (Object value : values) {
        append(value);
      }
      appender.endRow();
    } catch (SQLException failure) {
      throw new IllegalStateException(
          "the engine refuses a row of " + table + ": " + failure.getMessage(), failure);
    }
  }

  private void append(@Nullable Object value) throws SQLException {
    if (value == null) {
      appender.appendNull();
    } else if (value instanceof Long number) {
      appender.append(number.longValue());
    } else if (value instanceof Boolean flag) {
      appender.append(flag.booleanValue());
    } else if (value instanceof BigDecimal decimal) {
      appender.append(decimal);
    } else if (value instanceof Instant at) {
      appender.append(LocalDateTime.ofInstant(at, ZoneOffset.UTC));
    } else if (value instanceof LocalDate day) {
      appender.append(day);
    } else {
      appender.append(value.toString());
    }
  }

  @Override
  public void close() {
    try {
      appender.close();
      connection.close();
    } catch (SQLException failure) {
      throw new IllegalStateException(
          "the engine refuses rows of " + table + ": " + failure.getMessage(), failure);
    }
  }
}
