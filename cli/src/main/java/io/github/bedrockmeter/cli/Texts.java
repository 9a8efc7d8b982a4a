// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/** How accounts, amounts and tables are written. Stateless. */
final class Texts {
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
    return account.idle() == null ? span : span + ", until idle for " + text(account.idle());
  }

  /** A duration in its two largest units: {@code 2h 5m}. */
  static String text(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + "d " + duration.toHoursPart() + "h";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
    return duration.toMinutes() > 0
        ? duration.toMinutes() + "m " + duration.toSecondsPart() + "s"
        : duration.toSeconds() + "s";
  }

  /** Writes rows, which have equally many cells, in columns two spaces apart. */
  static void table(PrintWriter out, List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = row.get(i);
        line.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
