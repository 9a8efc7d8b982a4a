// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a report, and their sum. Immutable.
 *
 * @param rows by period, the most expensive groups first
 * @param total of all calls, not of the rows that are shown
 */
public record ReportTable(ReportRequest request, List<Row> rows, Figures total) {

  /**
   * One group in one period.
   *
   * @param period the place of the period in the report, from 0
   * @param keys one for each dimension; null where calls have none
   * @param others how many groups share this row; 0 for a row of one group
   */
  public record Row(
      int period, String periodLabel, List<@Nullable String> keys, long others, Figures figures) {
    public Row {
      keys = Collections.unmodifiableList(new ArrayList<>(keys));
    }

    /** A key as it is shown: {@code (none)} for untagged calls, {@code (others, 12)}. */
    String shown(int dimension) {
      if (others > 0) {
        return dimension == 0 ? "(others, " + others + ")" : "";
      }
      String key = keys.get(dimension);
      return key == null ? Report.NONE : key;
    }
  }

  /**
   * Sums. Tokens are null where no call reports them.
   *
   * @param atLeastUsd US dollars, exact: the part that is certain
   * @param unpricedCalls calls whose cost is not known, or not known in full
   * @param earlier the same of the time before; null if it was not asked for
   */
  public record Figures(
      long calls,
      @Nullable Long inputTokens,
      @Nullable Long outputTokens,
      @Nullable Long cacheReadTokens,
      @Nullable Long cacheWriteTokens,
      BigDecimal atLeastUsd,
      long unpricedCalls,
      @Nullable Earlier earlier) {

    /** The cost; null where a call has no price. */
    public @Nullable BigDecimal costUsd() {
      return unpricedCalls == 0 ? atLeastUsd : null;
    }
  }

  /**
   * The period before.
   *
   * @param changeUsd how much more was spent since, less than zero if it was less
   */
  public record Earlier(
      long calls, BigDecimal atLeastUsd, BigDecimal changeUsd, long unpricedCalls) {}
}
