// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.sheet.TextWidth;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A table in so many columns of characters: it breaks long cells into several lines, and cuts
 * nothing. Stateless.
 */
final class FittedTable {
  private static final int GAP = 2;

  /** Narrower columns are hard to read: then each row becomes a block of lines. */
  private static final int NARROWEST = 8;

  /** With commas or not, or a word that stands for one. */
  private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9,.]*|-|unknown|");

  private FittedTable() {}

  /** Writes a heading and rows, which have equally many cells. Numbers stay whole. */
  static void write(PrintWriter out, List<List<String>> rows, int width) {
    int[] least = new int[rows.get(0).size()];
    int[] widths = new int[least.length];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = widest(rows, i);
      least[i] = isOfNumbers(rows, i) ? widest(rows.subList(1, rows.size()), i) : 0;
    }
    int space = width - GAP * (widths.length - 1);
    int cap = Math.max(NARROWEST, Arrays.stream(widths).max().orElse(0));
    while (sum(widths, least, cap) > space) {
      if (cap == NARROWEST) {
        writeBlocks(out, rows);
        return;
      }
      cap--;
    }
    for (int i = 0; i < widths.length; i++) {
      widths[i] = shrunk(widths[i], least[i], cap);
    }
    rows.forEach(row -> writeRow(out, row, widths));
  }

  private static int widest(List<List<String>> rows, int column) {
    return rows.stream().mapToInt(row -> TextWidth.of(row.get(column))).max().orElse(0);
  }

  private static boolean isOfNumbers(List<List<String>> rows, int column) {
    return rows.stream().skip(1).allMatch(row -> NUMBER.matcher(row.get(column)).matches());
  }

  private static int shrunk(int width, int least, int cap) {
    return Math.min(width, Math.max(least, cap));
  }

  private static long sum(int[] widths, int[] least, int cap) {
    long sum = 0;
    for (int i = 0; i < widths.length; i++) {
      sum += shrunk(widths[i], least[i], cap);
    }
    return sum;
  }

  private static void writeRow(PrintWriter out, List<String> row, int[] widths) {
    List<List<String>> cells = new ArrayList<>();
    int height = 1;
    for (int i = 0; i < widths.length; i++) {
      List<String> lines = TextWidth.lines(row.get(i), Math.max(1, widths[i]));
      cells.add(lines);
      height = Math.max(height, lines.size());
    }
    for (int line = 0; line < height; line++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String part = line < cells.get(i).size() ? cells.get(i).get(line) : "";
        text.append(part).append(TextWidth.gap(part, widths[i] + GAP));
      }
      out.println(text.toString().stripTrailing());
    }
  }

  /** Values stay whole there: a terminal breaks them itself, and an id is copied as one. */
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
