// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows. Immutable and thread-safe.
 *
 * @param by what rows are grouped by, in this order; none for one row a period
 * @param period how long each row is
 * @param from the first instant; null for the first day that has a call
 * @param to the first instant after it; null for the end of the last day that has a call
 * @param filters which calls count; several of one dimension are alternatives
 * @param top how many groups have a row of their own, the most expensive ones; the others share
 *     one. 0: all
 * @param zone whose days and months count
 * @param previous whether the time before, of equal length, stands beside it
 */
public record ReportRequest(
    List<Dimension> by,
    Period period,
    @Nullable Instant from,
    @Nullable Instant to,
    List<Filter> filters,
    int top,
    ZoneId zone,
    boolean previous) {

  /** Every call, by month of UTC. */
  public static final ReportRequest ALL =
      new ReportRequest(List.of(), Period.MONTH, null, null, List.of(), 0, ZoneOffset.UTC, false);

  private static final int MOST_DIMENSIONS = 8;

  public ReportRequest {
    by = List.copyOf(by);
    filters = List.copyOf(filters);
    if (by.size() > MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          "--by takes at most " + MOST_DIMENSIONS + " dimensions: " + by.size());
    }
    if (by.stream().distinct().count() < by.size()) {
      throw new IllegalArgumentException("--by names a dimension twice");
    }
    if (top < 0) {
      throw new IllegalArgumentException("--top must be at least 1, as --top 20: " + top);
    }
    if (from != null && to != null && !from.isBefore(to)) {
      throw new IllegalArgumentException("--from must be before --to: " + from + ", " + to);
    }
  }

  /**
   * Calls that have this value.
   *
   * @param value {@link Report#NONE} for calls that have none, such as untagged ones
   */
  public record Filter(Dimension dimension, String value) {
    /**
     * Reads {@code tag:team=search}.
     *
     * @throws IllegalArgumentException if it is not so, with the right form
     */
    public static Filter of(String text) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "a filter is a dimension and a value, as tag:team=search or"
                + " model=amazon.nova-lite-v1:0");
      }
      return new Filter(
          Dimension.of(text.substring(0, equals)), text.substring(equals + 1).strip());
    }
  }

  /** The same calls in other periods. */
  public ReportRequest withPeriod(Period other) {
    return new ReportRequest(by, other, from, to, filters, top, zone, previous);
  }

  ReportRequest by(List<Dimension> dimensions, int most) {
    return new ReportRequest(dimensions, period, from, to, filters, most, zone, previous);
  }

  /** The zone as a reader knows it: UTC, or Europe/Berlin. */
  String zoneName() {
    return zone.normalized().equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
  }

  /** With the time before, which a page always has. */
  ReportRequest compared() {
    return new ReportRequest(by, period, from, to, filters, top, zone, true);
  }

  ReportRequest between(Instant first, Instant end) {
    return new ReportRequest(by, period, first, end, filters, top, zone, previous);
  }
}
