// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.report.sheet.TextWidth;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A report as a table of characters: numbers to the right and whole, their points below each other;
 * texts broken into lines where the width asks for it. Where even that is too wide, each row is a
 * block of lines. Stateless.
 */
public final class TerminalTable {
  private static final String GAP = "  ";

  /** Narrower columns of text are hard to read. */
  private static final int NARROWEST = 8;

  private TerminalTable() {}

  /** Writes the table in so many columns of characters. */
  public static void write(ReportTable table, int width, PrintWriter out) {
    Grid grid = Grid.of(table);
    List<Grid.Column> columns = columnsWorthShowing(grid);
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(column -> Escaped.text(column.heading())).toList());
    for (ReportTable.Row row : grid.rows()) {
      lines.add(
          columns.stream().map(column -> cell(grid, column, column.value().apply(row))).toList());
    }
    List<String> total = new ArrayList<>();
    for (Grid.Column column : columns) {
      total.add(
          column.sum() == null
              ? (total.isEmpty() ? "total" : "")
              : cell(grid, column, column.sum().apply(grid.total())));
    }
    int[] widths = widths(columns, lines, total, width);
    if (widths.length == 0) {
      blocks(columns, lines, total, width, out);
      return;
    }
    line(columns, lines.get(0), widths, out);
    out.println("-".repeat(sum(widths)));
    lines.subList(1, lines.size()).forEach(cells -> line(columns, cells, widths, out));
    out.println("-".repeat(sum(widths)));
    line(columns, total, widths, out);
  }

  /** Columns that are zero or unknown in every row say nothing, but for calls and dollars. */
  private static List<Grid.Column> columnsWorthShowing(Grid grid) {
    return grid.columns().stream()
        .filter(
            column ->
                column.sum() == null
                    || column.name().equals("calls")
                    || column.name().endsWith("usd")
                    || !(column.sum().apply(grid.total()) instanceof Long sum)
                    || sum != 0)
        .filter(column -> column.sum() == null || column.sum().apply(grid.total()) != null)
        .toList();
  }

  private static String cell(Grid grid, Grid.Column column, @Nullable Object value) {
    if (value == null) {
      return column.isNumber() ? "-" : "";
    }
    if (value instanceof BigDecimal amount) {
      int decimals = Math.max(grid.decimals(column), Amounts.plain(amount).scale());
      return amount.setScale(decimals).toPlainString();
    }
    return value instanceof Long count ? Amounts.count(count) : Escaped.text(value.toString());
  }

  /** The width of each column; none if it cannot fit. */
  private static int[] widths(
      List<Grid.Column> columns, List<List<String>> lines, List<String> total, int width) {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int most = TextWidth.of(total.get(i));
      for (List<String> cells : lines) {
        most = Math.max(most, TextWidth.of(cells.get(i)));
      }
      widths[i] = most;
    }
    while (sum(widths) > width) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        boolean mayShrink = !columns.get(i).isNumber() && widths[i] > NARROWEST;
        if (mayShrink && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        return new int[0];
      }
      widths[widest]--;
    }
    return widths;
  }

  private static int sum(int[] widths) {
    int sum = GAP.length() * (widths.length - 1);
    for (int width : widths) {
      sum += width;
    }
    return sum;
  }

  private static void line(
      List<Grid.Column> columns, List<String> cells, int[] widths, PrintWriter out) {
    List<List<String>> broken = new ArrayList<>();
    int height = 1;
    for (int i = 0; i < widths.length; i++) {
      List<String> parts = TextWidth.lines(cells.get(i), widths[i]);
      broken.add(parts);
      height = Math.max(height, parts.size());
    }
    for (int part = 0; part < height; part++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = part < broken.get(i).size() ? broken.get(i).get(part) : "";
        String pad = TextWidth.gap(cell, widths[i]);
        text.append(i == 0 ? "" : GAP);
        text.append(columns.get(i).isNumber() ? pad + cell : cell + pad);
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private static void blocks(
      List<Grid.Column> columns,
      List<List<String>> lines,
      List<String> total,
      int width,
      PrintWriter out) {
    List<String> headings = lines.get(0);
    int widest = headings.stream().mapToInt(TextWidth::of).max().orElse(0);
    int room = Math.max(NARROWEST, width - widest - GAP.length());
    List<List<String>> blocks = new ArrayList<>(lines.subList(1, lines.size()));
    blocks.add(total);
    for (List<String> cells : blocks) {
      for (int i = 0; i < columns.size(); i++) {
        // A key of a row may be an empty text; the total has no keys.
        if (cells == total && cells.get(i).isEmpty()) {
          continue;
        }
        String heading = headings.get(i);
        List<String> parts =
            columns.get(i).isNumber() ? List.of(cells.get(i)) : TextWidth.lines(cells.get(i), room);
        for (String part : parts) {
          out.println((heading + TextWidth.gap(heading, widest) + GAP + part).stripTrailing());
          heading = "";
        }
      }
      out.println();
    }
  }
}
