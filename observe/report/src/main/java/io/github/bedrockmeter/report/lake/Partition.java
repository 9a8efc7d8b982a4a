// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.lake;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What files of facts are divided by: each value has a folder, {@code day=2026-10-01}. A folder's
 * column is beside those of the rows, which keep their own.
 */
public enum Partition {
  /** Days of UTC, {@code day=2026-10-01}. */
  DAY("day", "strftime(c.time, '%Y-%m-%d')"),
  /** Months of UTC, {@code month=2026-10}. */
  MONTH("month", "strftime(c.time, '%Y-%m')"),
  /** Accounts, {@code account_id=123456789012}; {@code account_id=unknown} as of a journal. */
  ACCOUNT("account_id", "coalesce(c.account, 'unknown')");

  private final String column;
  private final String expression;

  Partition(String column, String expression) {
    this.column = column;
    this.expression = expression;
  }

  /** The name of its folders, before the {@code =}. */
  public String column() {
    return column;
  }

  String selected() {
    return expression + " AS " + column;
  }

  /**
   * Reads {@code day}.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Partition of(String name) {
    List<String> names =
        Arrays.stream(values()).map(one -> one.name().toLowerCase(Locale.ROOT)).toList();
    int place = names.indexOf(name);
    if (place < 0) {
      throw new IllegalArgumentException(
          "'"
              + Escaped.text(name, 60)
              + "' is not day, month or account"
              + NearestName.hint(name, names));
    }
    return values()[place];
  }
}
