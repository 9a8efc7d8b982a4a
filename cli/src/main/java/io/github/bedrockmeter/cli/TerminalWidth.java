// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import picocli.CommandLine.Model.CommandSpec;

/** How wide a table may be. Stateless. */
final class TerminalWidth {
  private static final int LEAST = 20;

  private TerminalWidth() {}

  /** As COLUMNS says, else as wide as the terminal, and this where the output is no terminal. */
  static int orElse(int otherwise) {
    String columns = System.getenv("COLUMNS");
    if (columns != null && columns.matches("[1-9][0-9]{1,3}")) {
      return Math.max(LEAST, Integer.parseInt(columns));
    }
    return ProfilesListCommand.isTerminal()
        ? CommandSpec.create().usageMessage().autoWidth(true).width()
        : otherwise;
  }
}
