// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.sheet;

import io.github.bedrockmeter.report.facts.Rows;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of an answer, with a name. Values are texts, whole numbers and exact decimals; null is
 * unknown, and never zero. Immutable and thread-safe.
 *
 * @param name such as {@code differences}
 * @param columns in their order, in lower case
 */
public record Sheet(String name, List<String> columns, List<List<@Nullable Object>> rows) {
  private static final int PERCENT_SCALE = 4;
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /** What a query answered. */
  public static Sheet of(String name, Rows answer) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (List<@Nullable Object> row : answer.rows()) {
      List<@Nullable Object> values = new ArrayList<>();
      for (Object value : row) {
        values.add(plain(value));
      }
      rows.add(Collections.unmodifiableList(values));
    }
    return new Sheet(name, answer.columns(), Collections.unmodifiableList(rows));
  }

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal.signum() == 0 ? BigDecimal.ZERO : stripped(decimal);
    }
    if (value instanceof Timestamp time) {
      return time.toLocalDateTime().toString();
    }
    if (value == null
        || value instanceof Long
        || value instanceof Boolean
        || value instanceof BigInteger) {
      return value;
    }
    return value instanceof Number number ? (Object) number.longValue() : value.toString();
  }

  private static BigDecimal stripped(BigDecimal decimal) {
    BigDecimal shortest = decimal.stripTrailingZeros();
    return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
  }

  /**
   * This sheet with a column {@code percent}: one column's part of another, to four decimals; null
   * where one of them is unknown or the whole is zero.
   */
  public Sheet withPercent(String part, String whole) {
    int partColumn = columns.indexOf(part);
    int wholeColumn = columns.indexOf(whole);
    List<String> names = new ArrayList<>(columns);
    names.add(partColumn + 1, "percent");
    List<List<@Nullable Object>> more = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      List<@Nullable Object> values = new ArrayList<>(row);
      values.add(partColumn + 1, percent(row.get(partColumn), row.get(wholeColumn)));
      more.add(Collections.unmodifiableList(values));
    }
    return new Sheet(name, List.copyOf(names), Collections.unmodifiableList(more));
  }

  /**
   * This sheet with some of its columns, in the order given.
   *
   * @throws IllegalArgumentException if it has no such column
   */
  public Sheet only(String... names) {
    List<List<@Nullable Object>> fewer = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<@Nullable Object> values = new ArrayList<>();
      for (String column : names) {
        values.add(get(i, column));
      }
      fewer.add(Collections.unmodifiableList(values));
    }
    return new Sheet(name, List.of(names), Collections.unmodifiableList(fewer));
  }

  private static @Nullable Object percent(@Nullable Object part, @Nullable Object whole) {
    if (!(part instanceof BigDecimal some)
        || !(whole instanceof BigDecimal all)
        || all.signum() == 0) {
      return null;
    }
    BigDecimal percent =
        some.multiply(HUNDRED).divide(all.abs(), PERCENT_SCALE, RoundingMode.HALF_UP);
    return percent.signum() == 0 ? BigDecimal.ZERO : stripped(percent);
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

  /** A value as text: decimals in full, never with an exponent; empty where it is unknown. */
  public static String text(@Nullable Object value) {
    return value instanceof BigDecimal decimal
        ? decimal.toPlainString()
        : value == null ? "" : value.toString();
  }
}
