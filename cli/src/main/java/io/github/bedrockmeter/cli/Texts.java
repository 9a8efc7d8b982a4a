// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.report.sheet.TextWidth;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** How accounts, amounts and tables are written. Stateless. */
final class Texts {
  private static final int LONGEST_LINE = 4_000;

  private Texts() {}

  static String unit(Unit unit) {
    return switch (unit) {
      case NANO_USD -> "usd";
      case TOKENS -> "tokens";
      case REQUESTS -> "requests";
    };
  }

  static String amount(long units, Account account) {
    return new Amount(units, account.unit()).toString();
  }

  /** Budget and scope: {@code tenant-daily (tenant=acme)}. */
  static String name(Account account) {
    return account.scope().isEmpty()
        ? account.budget()
        : account.budget() + " (" + account.scope() + ")";
  }

  /** The first instant and the first one after the window, or {@code lifetime}. */
  static String window(Account account) {
    String span = account.isForever() ? "lifetime" : account.start() + "/" + account.end();
    return account.idle() == null
        ? span
        : span + ", until idle for " + Durations.text(account.idle());
  }

  /** Writes a line: text from a ledger or from arguments can make it neither two nor endless. */
  static void line(PrintWriter out, String text) {
    out.println(Escaped.text(text, LONGEST_LINE));
  }

  /** Who corrects an account, and why. */
  static Correction correction(CommandLine command, @Nullable String by, String reason) {
    if (reason.isBlank()) {
      throw new ParameterException(
          command, "--reason must not be blank, for example --reason 'refund 4711'");
    }
    if (by != null && by.isBlank()) {
      throw new ParameterException(command, "--by must not be blank, for example --by anna");
    }
    String user = System.getProperty("user.name", "");
    return new Correction(by != null ? by : user.isBlank() ? "unknown" : user, reason);
  }

  /** Writes rows, which have equally many cells, in columns two spaces apart. */
  static void table(PrintWriter out, List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], TextWidth.of(Escaped.text(row.get(i))));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = Escaped.text(row.get(i));
        line.append(cell).append(TextWidth.gap(cell, widths[i] + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
