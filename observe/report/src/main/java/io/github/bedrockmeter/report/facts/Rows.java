// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a query answered, as a whole: for answers a reader looks at, not for every call. Values are
 * as the driver has them: {@code Long}, {@code BigDecimal} (exact), {@code String}, {@code
 * java.sql.Timestamp}; null is unknown. Immutable.
 *
 * @param columns names in their order
 */
public record Rows(List<String> columns, List<List<@Nullable Object>> rows) {

  static Rows of(ResultSet result) throws SQLException {
    ResultSetMetaData data = result.getMetaData();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      columns.add(data.getColumnLabel(i));
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    while (result.next()) {
      List<@Nullable Object> row = new ArrayList<>(columns.size());
      for (int i = 1; i <= columns.size(); i++) {
        row.add(result.getObject(i));
      }
      rows.add(Collections.unmodifiableList(row));
    }
    return new Rows(List.copyOf(columns), Collections.unmodifiableList(rows));
  }

  /** How many rows there are. */
  public int size() {
    return rows.size();
  }

  /**
   * A value.
   *
   * @param row from 0
   * @throws IllegalArgumentException if there is no such column
   */
  public @Nullable Object get(int row, String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException("no column '" + column + "': " + columns);
    }
    return rows.get(row).get(index);
  }

  /** A time as it is shown, without a fraction of a second that is zero. */
  public static String text(Timestamp time) {
    return time.toString().replaceFirst("\\.0$", "");
  }
}
