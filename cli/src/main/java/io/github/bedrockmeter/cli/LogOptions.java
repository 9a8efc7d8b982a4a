// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.reconcile.HoldSettlement;
import io.github.bedrockmeter.report.reconcile.LogReconciliation;
import io.github.bedrockmeter.report.reconcile.LogReconciliation.Kind;
import io.github.bedrockmeter.report.reconcile.LogReconciliation.Totals;
import io.github.bedrockmeter.report.reconcile.Tolerance;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** A reconciliation of the journal with AWS's invocation logs: its options and its run. */
final class LogOptions {
  private static final String UNKNOWN = "unknown";

  @Option(
      names = "--differences",
      paramLabel = "DIR",
      description = "Write every difference into this folder: differences.csv, differences.jsonl.")
  private @Nullable Path differences;

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = Converters.OfCount.class,
      defaultValue = "20",
      description = "How many unmetered callers are printed. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(
      names = "--settle",
      description = {
        "Charge what the log proves to the abandoned holds of --ledger, and give back those of calls"
            + " that failed. Without --yes it prints what it would do."
      })
  private boolean settle;

  @Option(names = "--yes", description = "With --settle: do it.")
  private boolean yes;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "With --settle: who does it. Default: this system's user.")
  private @Nullable String by;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "AWS's invocation log has the call",
      description = "With --settle: the reason that is kept. Default: ${DEFAULT-VALUE}.")
  private String reason = "";

  /** Compares and prints; returns the exit code. */
  int run(CommandLine command, CommandContext context, CallsRead calls, Tolerance tolerance) {
    if (!settle) {
      Ignored.refuseLedger(command, "add --settle, or leave it out");
      Ignored.refuse(
          command, "--settle: add that, or leave it out", List.of("--yes", "--by", "--reason"));
    }
    Correction correction = Texts.correction(command, by, reason);
    if (top < 1) {
      throw new Refusals.InOurWords(command, "--top must be positive, for example 20: " + top);
    }
    if (settle) {
      context.open().close(); // a ledger that is not there is said before hours of reading
    }
    return calls.compare(
        command,
        tables -> {
          LogReconciliation done =
              LogReconciliation.of(tables, calls.days().start(), calls.days().end());
          PrintWriter out = command.getOut();
          print(done, out);
          if (differences != null) {
            done.writeTo(differences).forEach(file -> Texts.line(out, "wrote " + file));
          }
          if (settle) {
            settle(tables, context, correction, out);
          }
          boolean isPassed = done.passes(tolerance);
          Texts.line(
              command.getErr(),
              "%s USD differ%s: %s the tolerance of %s"
                  .formatted(
                      plain(done.grossUsd()),
                      done.unknown() == 0 ? "" : ", and " + done.unknown() + " of unknown size",
                      isPassed ? "beyond" : "within",
                      tolerance));
          return isPassed ? BillOptions.DIFFERS : CommandLine.ExitCode.OK;
        });
  }

  private void print(LogReconciliation done, PrintWriter out) {
    Totals totals = done.totals();
    Texts.line(out, "period     " + totals.from() + " to " + totals.until() + " UTC");
    Texts.line(out, side("AWS's log", totals.logCalls(), totals.awsUsd(), totals.logUnpriced()));
    Texts.line(
        out, side("the meter", totals.journalCalls(), totals.oursUsd(), totals.journalUnpriced()));
    Texts.line(out, "matched    " + totals.matched() + " calls");
    out.println();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("DIFFERENCE", "CALLS", "METER USD", "AWS USD", "AWS HAS MORE", "UNKNOWN"));
    for (Kind kind : done.kinds()) {
      boolean none = kind.calls() == 0;
      rows.add(
          List.of(
              words(kind.name()),
              Long.toString(kind.calls()),
              none ? "" : plain(kind.oursUsd()),
              none ? "" : plain(kind.awsUsd()),
              none ? "" : plain(kind.differenceUsd()),
              kind.unknown() == 0 ? "" : Long.toString(kind.unknown())));
    }
    FittedTable.write(out, rows, SheetFormat.width());
    print("callers that AWS saw and the meter did not", done.unmetered(top), out);
    print("no records", done.skipped(), out);
    out.println();
  }

  private static String side(String name, long calls, BigDecimal usd, long unpriced) {
    return "%-10s %d calls, %s%s USD%s"
        .formatted(
            name,
            calls,
            unpriced == 0 ? "" : "at least ",
            plain(usd),
            unpriced == 0 ? "" : ", " + unpriced + " unpriced");
  }

  private static String words(String kind) {
    return switch (kind) {
      case "unmetered" -> "only AWS saw it";
      case "unlogged" -> "only the meter saw it";
      case "tokens" -> "other tokens";
      case "tier" -> "another tier";
      case "region" -> "another region";
      case "cost" -> "another cost";
      case "attempt" -> "another attempt";
      case "unknown" -> "the log has no counts";
      case "duplicate" -> "delivered again";
      case "torn" -> "cut off";
      default -> kind;
    };
  }

  private static void print(String title, Rows found, PrintWriter out) {
    if (found.size() == 0) {
      return;
    }
    out.println();
    out.println(title + ":");
    List<List<String>> rows = new ArrayList<>();
    rows.add(found.columns().stream().map(LogOptions::head).toList());
    for (List<@Nullable Object> row : found.rows()) {
      rows.add(row.stream().map(LogOptions::cell).toList());
    }
    FittedTable.write(out, rows, SheetFormat.width());
  }

  private static String head(String column) {
    return column.toUpperCase(Locale.ROOT).replace('_', ' ');
  }

  private static String cell(@Nullable Object value) {
    if (value == null) {
      return "-";
    }
    if (value instanceof Timestamp time) {
      return Rows.text(time);
    }
    return value instanceof BigDecimal usd ? plain(usd) : Escaped.text(value.toString());
  }

  private static String plain(@Nullable BigDecimal usd) {
    if (usd == null) {
      return UNKNOWN;
    }
    return usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
  }

  private void settle(
      FactTables tables, CommandContext context, Correction correction, PrintWriter out) {
    HoldSettlement settlement = HoldSettlement.of(tables);
    int proven = 0;
    try (OpenedLedger opened = context.open()) {
      for (OpenHold hold : abandoned(opened)) {
        HoldSettlement.Step step = settlement.of(hold);
        proven += step.isProven() ? 1 : 0;
        if (step.isProven() && yes) {
          opened.answer(
              HoldSettlement.carryOut(
                  opened.ledger(),
                  step,
                  new Correction(correction.by(), correction.reason() + ": " + step.why())));
        }
        Texts.line(out, done(step) + "; " + step.why());
      }
    }
    if (proven == 0) {
      Texts.line(out, "the log settles no abandoned hold");
    } else if (!yes) {
      Texts.line(out, "nothing was changed; add --yes to change it");
    } else {
      Texts.line(out, "by " + correction.by() + "; reason: " + correction.reason());
    }
  }

  private String done(HoldSettlement.Step step) {
    OpenHold hold = step.hold();
    String named =
        hold.id()
            + " in "
            + Texts.name(hold.account())
            + ": "
            + Texts.amount(hold.amount(), hold.account())
            + " held";
    Long charge = step.charge();
    if (charge == null) {
      return "left " + named;
    }
    String verb = charge == 0 ? "release" : "charge";
    return (yes ? verb + "d " : "would " + verb + " ")
        + named
        + (charge == 0 ? "" : ", " + Texts.amount(charge, hold.account()) + " by the log");
  }

  private static List<OpenHold> abandoned(OpenedLedger opened) {
    List<OpenHold> abandoned = new ArrayList<>();
    AccountQuery all = AccountQuery.all(Integer.MAX_VALUE);
    for (Balance balance : opened.answer(opened.ledger().find(all))) {
      if (balance.held() > 0) {
        for (OpenHold hold : opened.answer(opened.ledger().openHolds(balance.account()))) {
          if (hold.abandoned() && hold.amount() > 0) {
            abandoned.add(hold);
          }
        }
      }
    }
    return abandoned;
  }
}
