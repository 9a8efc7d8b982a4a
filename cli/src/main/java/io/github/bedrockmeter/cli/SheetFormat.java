// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.report.sheet.SheetWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the sheets of an answer are written. The names are what a user types. */
enum SheetFormat {
  /** Each sheet as a table that fits the terminal. */
  table {
    @Override
    void write(PrintWriter out, List<Sheet> sheets, Sheet whole) {
      int width = width();
      String gap = "";
      for (Sheet sheet : sheets) {
        out.print(gap);
        out.println(sheet.name().replace('_', ' '));
        if (sheet.rows().isEmpty()) {
          out.println("  none");
        } else {
          FittedTable.write(out, cells(sheet), width);
        }
        gap = System.lineSeparator();
      }
      out.flush();
    }
  },

  /** The sheet that has everything. */
  csv {
    @Override
    void write(PrintWriter out, List<Sheet> sheets, Sheet whole) throws IOException {
      SheetWriter.csv(whole, out);
      out.flush();
    }
  },

  /** All sheets, in one object. */
  json {
    @Override
    void write(PrintWriter out, List<Sheet> sheets, Sheet whole) throws IOException {
      List<Sheet> all = new ArrayList<>(sheets);
      all.removeIf(sheet -> sheet.name().equals(whole.name()));
      all.add(whole);
      SheetWriter.json(all, out);
      out.flush();
    }
  };

  /**
   * Writes an answer.
   *
   * @param sheets what a reader looks at
   * @param whole the one sheet with everything
   */
  abstract void write(PrintWriter out, List<Sheet> sheets, Sheet whole) throws IOException;

  private static List<List<String>> cells(Sheet sheet) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(sheet.columns().stream().map(name -> heading(name)).toList());
    for (List<@Nullable Object> row : sheet.rows()) {
      cells.add(row.stream().map(value -> Escaped.text(Sheet.text(value))).toList());
    }
    return cells;
  }

  private static String heading(String column) {
    return Escaped.text(column.replace('_', ' ').toUpperCase(Locale.ROOT));
  }

  /** Of a table: what is no terminal has room for all of it, unless COLUMNS says otherwise. */
  static int width() {
    return Terminal.columnsOr(Integer.MAX_VALUE);
  }
}
