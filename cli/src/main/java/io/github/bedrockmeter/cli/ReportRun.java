// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.FocusExport;
import io.github.bedrockmeter.report.output.HtmlPage;
import io.github.bedrockmeter.report.output.Period;
import io.github.bedrockmeter.report.output.Report;
import io.github.bedrockmeter.report.output.ReportRequest;
import io.github.bedrockmeter.report.output.TerminalTable;
import io.github.bedrockmeter.report.output.TextFormats;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Reads the calls and writes the report: what 'report' and its short forms have in common. */
final class ReportRun {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Mixin private ReportSources sources = new ReportSources();
  @Mixin private ReportOptions options = new ReportOptions();

  /**
   * Runs it.
   *
   * @param period null: the format's own, which is a month for rows, a day for FOCUS, and what the
   *     page chooses for itself
   */
  void run(CommandLine command, Instant now, List<Dimension> by, @Nullable Period period) {
    Ignored.refuseLedger(command, "leave it out; calls are read from --journal or --logs");
    sources.check(command);
    sources.refusePricesOfAJournal(command);
    ReportFormat format = options.format(command);
    ReportRequest request = options.request(command, by, period == null ? usual(format) : period);
    int width = options.width(command);
    FocusExport focus = focus(command, format, request);
    Failures.named(
        () -> {
          try {
            readAndWrite(command, now, format, request, width, focus);
            return null;
          } catch (IllegalArgumentException wrong) {
            throw new Refusals.InOurWords(command, String.valueOf(wrong.getMessage()));
          }
        });
  }

  private void readAndWrite(
      CommandLine command,
      Instant now,
      ReportFormat format,
      ReportRequest request,
      int width,
      FocusExport focus) {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      boolean compared = request.previous() || format == ReportFormat.HTML;
      sources.reportTo(tables, command.getErr());
      sources.read(tables, firstOf(request, compared), request.to(), TIMEOUT, command.getErr());
      mentionSkipped(tables, command.getErr());
      MissingNames.mention(tables, request.by(), request.filters(), command.getErr());
      if (format == ReportFormat.HTML) {
        write(command, out -> HtmlPage.write(tables, request, now, out));
        return;
      }
      try (Report report = Report.over(tables, request)) {
        switch (format) {
          case TABLE -> write(command, out -> table(report, width, out));
          case CSV -> write(command, out -> TextFormats.csv(report.table(), out));
          case JSON -> write(command, out -> TextFormats.json(report.table(), out));
          case PARQUET -> report.writeParquet(Objects.requireNonNull(options.out()));
          case FOCUS -> writeFocus(command, tables, report, focus);
          case HTML -> throw new IllegalStateException("the page has reports of its own");
        }
      }
    }
  }

  private void table(Report report, int width, Writer out) {
    PrintWriter printer = new PrintWriter(out);
    TerminalTable.write(report.table(), width, printer);
    Failures.check(printer, options.out());
  }

  private static Period usual(ReportFormat format) {
    return switch (format) {
      case HTML -> Period.ALL;
      case FOCUS -> Period.DAY;
      default -> Period.MONTH;
    };
  }

  private FocusExport focus(CommandLine command, ReportFormat format, ReportRequest request) {
    try {
      if (format == ReportFormat.FOCUS) {
        FocusExport.check(request);
      }
      return new FocusExport(options.billingAccount(), options.billingAccountName());
    } catch (IllegalArgumentException wrong) {
      throw new Refusals.InOurWords(command, String.valueOf(wrong.getMessage()));
    }
  }

  /** The first instant that is read: with the time before, where that is compared. */
  private static @Nullable Instant firstOf(ReportRequest request, boolean compared) {
    Instant from = request.from();
    Instant to = request.to();
    if (!compared || from == null) {
      return from;
    }
    // Months differ by three days at most, and a day by a change of the clock.
    return to == null ? null : from.minus(Duration.between(from, to)).minus(Duration.ofDays(4));
  }

  private static void mentionSkipped(FactTables tables, PrintWriter err) {
    Rows skipped = tables.query("output/skipped");
    for (int i = 0; i < skipped.size(); i++) {
      Texts.line(
          err, "not a call, left out: " + skipped.get(i, "n") + " x " + skipped.get(i, "reason"));
    }
  }

  private void writeFocus(
      CommandLine command, FactTables tables, Report report, FocusExport focus) {
    Path out = options.out();
    if (out != null) {
      focus.write(report, out);
      return;
    }
    Path file = tables.folder().resolve("focus.csv");
    focus.write(report, file);
    write(command, writer -> copy(file, writer));
  }

  private static void copy(Path file, Writer out) {
    try (BufferedReader in = Files.newBufferedReader(file)) {
      in.transferTo(out);
      out.flush();
    } catch (IOException failure) {
      throw new CommandFailedException("cannot write the report: " + failure, failure);
    }
  }

  /** Writes to the file that was asked for, or to standard output. */
  private void write(CommandLine command, Consumer<Writer> format) {
    Path out = options.out();
    if (out == null) {
      format.accept(command.getOut());
      Failures.check(command.getOut(), null);
      return;
    }
    try (Writer file = Files.newBufferedWriter(out)) {
      format.accept(file);
    } catch (IOException failure) {
      throw Failures.cannotWrite(out, failure);
    } catch (UncheckedIOException failure) {
      throw Failures.cannotWrite(out, Objects.requireNonNull(failure.getCause()));
    }
  }
}
