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
    CommandLine.ParseResult parsed = command.getParseResult();
    for (String option : options) {
      if (parsed.hasMatchedOption(option)) {
        throw new Refusals.InOurWords(command, option + " belongs to " + owner);
      }
    }
  }
}
