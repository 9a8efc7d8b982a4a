// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A table in so many columns of characters: it breaks long cells into several lines, and cuts
 * nothing. Stateless.
 */
final class FittedTable {
  private static final int GAP = 2;

  /** Narrower columns are hard to read: then each row becomes a block of lines. */
  private static final int NARROWEST = 8;

  private FittedTable() {}

  /** Writes a heading and rows, which have equally many cells. */
  static void write(PrintWriter out, List<List<String>> rows, int width) {
    int[] widths = naturalWidths(rows);
    int space = width - GAP * (widths.length - 1);
    int cap = widest(widths);
    while (sum(widths, cap) > space) {
      if (cap == NARROWEST) {
        writeBlocks(out, rows);
        return;
      }
      cap--;
    }
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.min(widths[i], cap);
    }
    rows.forEach(row -> writeRow(out, row, widths));
  }

  private static int[] naturalWidths(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private static int widest(int[] widths) {
    int widest = NARROWEST;
    for (int width : widths) {
      widest = Math.max(widest, width);
    }
    return widest;
  }

  private static long sum(int[] widths, int cap) {
    long sum = 0;
    for (int width : widths) {
      sum += Math.min(width, cap);
    }
    return sum;
  }

  private static void writeRow(PrintWriter out, List<String> row, int[] widths) {
    List<List<String>> cells = new ArrayList<>();
    int height = 1;
    for (int i = 0; i < widths.length; i++) {
      List<String> lines = broken(row.get(i), Math.max(1, widths[i]));
      cells.add(lines);
      height = Math.max(height, lines.size());
    }
    for (int line = 0; line < height; line++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String part = line < cells.get(i).size() ? cells.get(i).get(line) : "";
        text.append(part).append(" ".repeat(widths[i] - part.length() + GAP));
      }
      out.println(text.toString().stripTrailing());
    }
  }

  /** Lines of a cell, broken after a blank or a sign where there is one. */
  private static List<String> broken(String cell, int width) {
    List<String> lines = new ArrayList<>();
    String rest = cell;
    while (rest.length() > width) {
      int end = rest.charAt(width) == ' ' ? width : lastBreak(rest, width);
      lines.add(rest.substring(0, end).stripTrailing());
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  private static int lastBreak(String text, int width) {
    for (int end = width; end > width / 2; end--) {
      if (" ,-./:=_".indexOf(text.charAt(end - 1)) >= 0) {
        return end;
      }
    }
    return width;
  }

  private static void writeBlocks(PrintWriter out, List<List<String>> rows) {
    List<String> heading = rows.get(0);
    for (List<String> row : rows.subList(1, rows.size())) {
      List<List<String>> block = new ArrayList<>();
      for (int i = 0; i < heading.size(); i++) {
        block.add(List.of(heading.get(i), row.get(i)));
      }
      out.println();
      Texts.table(out, block);
    }
  }
}
