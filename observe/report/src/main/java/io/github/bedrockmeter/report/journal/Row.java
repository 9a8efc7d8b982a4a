// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The row at which a result stands, by the names of its columns. A column that an earlier version
 * of the journal does not have is null. Confined to one thread.
 */
final class Row {
  private final ResultSet result;
  private final Map<String, Integer> columns = new HashMap<>();

  Row(ResultSet result) throws SQLException {
    this.result = result;
    ResultSetMetaData data = result.getMetaData();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      columns.put(data.getColumnLabel(i).toLowerCase(Locale.ROOT), i);
    }
  }

  boolean has(String column) {
    return columns.containsKey(column);
  }

  @Nullable String text(String column) throws SQLException {
    Integer index = columns.get(column);
    return index == null ? null : result.getString(index);
  }

  /** A text that is never null. */
  String required(String column) throws SQLException {
    String text = text(column);
    if (text == null) {
      throw new SQLException("the journal has no " + column);
    }
    return text;
  }

  @Nullable Long number(String column) throws SQLException {
    Integer index = columns.get(column);
    if (index == null) {
      return null;
    }
    long number = result.getLong(index);
    return result.wasNull() ? null : number;
  }

  @Nullable Integer small(String column) throws SQLException {
    Long number = number(column);
    return number == null ? null : Math.toIntExact(number);
  }

  @Nullable BigDecimal decimal(String column) throws SQLException {
    Integer index = columns.get(column);
    return index == null ? null : result.getBigDecimal(index);
  }

  @Nullable Instant time(String column) throws SQLException {
    Integer index = columns.get(column);
    OffsetDateTime time = index == null ? null : result.getObject(index, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** A time that is never null. */
  Instant requiredTime(String column) throws SQLException {
    Instant time = time(column);
    if (time == null) {
      throw new SQLException("the journal has no " + column);
    }
    return time;
  }
}
