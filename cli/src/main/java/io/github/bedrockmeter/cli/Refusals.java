// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is printed when arguments are wrong; no argument that may hold a password. Stateless. */
final class Refusals {
  private Refusals() {}

  /** A refusal whose message quotes no argument that may hold a password. */
  static final class InOurWords extends ParameterException {
    private static final long serialVersionUID = 1L;

    InOurWords(CommandLine command, String message) {
      super(command, message);
    }
  }

  static int print(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    Texts.line(command.getErr(), "bedrock-meter: " + message(failure, args));
    Texts.line(command.getErr(), "Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return CommandLine.ExitCode.USAGE;
  }

  private static String message(ParameterException failure, String[] args) {
    if (failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      return unmatched(unmatched.getUnmatched(), args);
    }
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return "Unknown option: '" + nameOf(unmatched.getUnmatched().get(0)) + "'";
    }
    if (failure instanceof InOurWords) {
      return message;
    }
    for (String arg : args) {
      message = hidden(hidden(message, arg), arg.substring(arg.indexOf('=') + 1));
    }
    return message;
  }

  /**
   * The name of an option without its value: {@code --name} of {@code --name=value}, {@code -p}.
   */
  private static String nameOf(String option) {
    return option.startsWith("--")
        ? option.split("=", 2)[0]
        : option.substring(0, Math.min(2, option.length()));
  }

  /** A word that stands where a command does is one that was misspelt; others may be anything. */
  private static String unmatched(List<String> unmatched, String[] args) {
    String first = unmatched.get(0);
    if (args.length > 0 && first.equals(args[0]) && !mayHoldAPassword(first)) {
      return "Unmatched argument at index 0: '" + first + "'";
    }
    return (unmatched.size() == 1 ? "there is 1 argument" : "there are " + unmatched.size())
        + (unmatched.size() == 1 ? "" : " arguments")
        + " too many; a ledger's URL is given as --ledger URL";
  }

  private static String hidden(String message, String part) {
    return mayHoldAPassword(part) ? message.replace(part, "...") : message;
  }

  static boolean mayHoldAPassword(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return text.indexOf('@') >= 0
        || lower.contains("://")
        || lower.contains("jdbc:")
        || lower.contains("redis")
        || lower.contains("pass")
        || lower.contains("pwd")
        || lower.contains("secret")
        || lower.contains("token=");
  }
}
