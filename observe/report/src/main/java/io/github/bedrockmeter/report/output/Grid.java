// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.output.ReportTable.Earlier;
import io.github.bedrockmeter.report.output.ReportTable.Figures;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A report as columns, each with a value for every row: what table and CSV have in common.
 * Immutable.
 */
record Grid(List<Column> columns, List<ReportTable.Row> rows, Figures total) {

  /**
   * A column.
   *
   * @param name as machines read it
   * @param heading as people read it
   * @param value of a row: a text, a {@code Long}, a {@code BigDecimal}, or null where it is
   *     unknown
   * @param sum of all rows; null for a column of texts
   */
  record Column(
      String name,
      String heading,
      Function<ReportTable.Row, @Nullable Object> value,
      @Nullable Function<Figures, @Nullable Object> sum) {
    boolean isNumber() {
      return sum != null;
    }
  }

  static Grid of(ReportTable table) {
    ReportRequest request = table.request();
    List<Column> columns = new ArrayList<>();
    columns.add(text("period", request.period().word(), ReportTable.Row::periodLabel));
    for (int i = 0; i < request.by().size(); i++) {
      int place = i;
      Dimension dimension = request.by().get(i);
      columns.add(text(dimension.name(), dimension.heading(), row -> row.shown(place)));
    }
    columns.add(number("calls", "calls", Figures::calls));
    columns.add(number("input_tokens", "input", Figures::inputTokens));
    columns.add(number("output_tokens", "output", Figures::outputTokens));
    columns.add(number("cache_read_tokens", "cache read", Figures::cacheReadTokens));
    columns.add(number("cache_write_tokens", "cache write", Figures::cacheWriteTokens));
    boolean unpriced = table.total().unpricedCalls() > 0;
    columns.add(number("at_least_usd", unpriced ? "at least USD" : "USD", Figures::atLeastUsd));
    columns.add(number("unpriced_calls", "unpriced", Figures::unpricedCalls));
    if (request.previous()) {
      columns.add(number("earlier_calls", "calls before", earlier(Earlier::calls)));
      columns.add(number("earlier_at_least_usd", "USD before", earlier(Earlier::atLeastUsd)));
      columns.add(number("change_usd", "change", earlier(Earlier::changeUsd)));
      columns.add(
          number("earlier_unpriced_calls", "unpriced before", earlier(Earlier::unpricedCalls)));
    }
    return new Grid(List.copyOf(columns), table.rows(), table.total());
  }

  private static Column text(
      String name, String heading, Function<ReportTable.Row, @Nullable Object> value) {
    return new Column(name, heading, value, null);
  }

  private static Column number(
      String name, String heading, Function<Figures, @Nullable Object> value) {
    return new Column(name, heading, row -> value.apply(row.figures()), value);
  }

  private static Function<Figures, @Nullable Object> earlier(
      Function<Earlier, @Nullable Object> value) {
    return figures -> {
      Earlier earlier = figures.earlier();
      return earlier == null ? null : value.apply(earlier);
    };
  }

  /**
   * The greatest number of decimals of a column, two at least; its points stand below each other.
   */
  int decimals(Column column) {
    int most = 2;
    for (ReportTable.Row row : rows) {
      if (column.value().apply(row) instanceof BigDecimal amount) {
        most = Math.max(most, Amounts.plain(amount).scale());
      }
    }
    return most;
  }
}
