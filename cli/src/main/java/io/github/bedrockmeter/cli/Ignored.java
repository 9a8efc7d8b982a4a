// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.util.List;
import picocli.CommandLine;

/** Refuses options that would be taken and do nothing. Stateless. */
final class Ignored {
  private Ignored() {}

  /**
   * Refuses options that were given, and belong to something that was not.
   *
   * @param owner what they belong to, and what else to do, as {@code --settle: add it, or leave ...
   *     out}
   */
  static void refuse(CommandLine command, String owner, List<String> options) {
    for (String option : options) {
      if (isGiven(command, option)) {
        throw new Refusals.InOurWords(command, option + " belongs to " + owner);
      }
    }
  }

  /** Refuses the options of a ledger, for commands that ask none. */
  static void refuseLedger(CommandLine command, String instead) {
    refuse(
        command,
        "commands that ask a ledger: " + instead,
        List.of("--ledger", "--prefix", "--endpoint", "--timeout", "--abandon-after"));
  }

  /** Options of all commands may stand before the command's name too. */
  private static boolean isGiven(CommandLine command, String option) {
    for (CommandLine at = command; at != null; at = at.getParent()) {
      if (at.getParseResult() != null && at.getParseResult().hasMatchedOption(option)) {
        return true;
      }
    }
    return false;
  }
}
