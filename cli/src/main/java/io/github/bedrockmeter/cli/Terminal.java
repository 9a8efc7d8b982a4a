// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.io.Console;
import picocli.CommandLine.Model.CommandSpec;

/** What the output goes to, and how wide a table there may be. Stateless. */
final class Terminal {
  private static final int LEAST = 20;

  private Terminal() {}

  /**
   * Whether it is one. From Java 22 on there may be a console although the output is no terminal.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean isThere() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
    } catch (ReflectiveOperationException olderJava) {
      return true;
    }
  }

  /** As COLUMNS says, else its columns of characters; this where the output is no terminal. */
  static int columnsOr(int otherwise) {
    String columns = System.getenv("COLUMNS");
    if (columns != null && columns.matches("[1-9][0-9]{1,3}")) {
      return Math.max(LEAST, Integer.parseInt(columns));
    }
    return isThere() ? CommandSpec.create().usageMessage().autoWidth(true).width() : otherwise;
  }
}
