// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.report.whatif.Grouping;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What the commands over calls have in common: the calls, their days, and how answers are written.
 */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class CallsRead {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  @Mixin private ReportSources sources = new ReportSources();

  @Mixin private DayRange days = new DayRange();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, csv or json. Default: ${DEFAULT-VALUE}.")
  private SheetFormat format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write it. Default: the standard output.")
  private @Nullable Path out;

  ReportSources sources() {
    return sources;
  }

  DayRange days() {
    return days;
  }

  /** What calls are grouped by; names that are not known are refused before anything is read. */
  static Grouping grouping(CommandLine command, List<String> by) {
    try {
      return Grouping.of(by);
    } catch (IllegalArgumentException unknown) {
      throw new Refusals.InOurWords(command, "--by: " + unknown.getMessage());
    }
  }

  /** Does something with the journal itself. */
  <T> T withJournal(CommandLine command, ReportSources.JournalWork<T> work) {
    Ignored.refuseLedger(command, "leave it out; this one changes a journal");
    days.check(command);
    return sources.withJournal(command, CONNECT, work);
  }

  /** Reads the calls and works something out of them; what is wrong with a question is an error. */
  <T> T ask(
      CommandLine command,
      @Nullable Instant start,
      @Nullable Instant end,
      List<Path> files,
      Function<FactTables, T> question) {
    Ignored.refuseLedger(command, "leave it out; calls are read from --journal or --logs");
    sources.check(command);
    DayRange.check(command, start, end);
    FactTables.Options options =
        FactTables.Options.defaults().withFiles(files.toArray(Path[]::new));
    return Failures.named(
        () -> {
          try (FactTables tables = FactTables.open(options)) {
            sources.reportTo(tables, command.getErr());
            sources.read(tables, start, end, CONNECT, command.getErr());
            return PriceSources.read(() -> question.apply(tables));
          }
        });
  }

  /** Reads logs and journal and works out how they differ. */
  int compare(CommandLine command, ToIntFunction<FactTables> question) {
    days.check(command);
    sources.refuseMisspeltOptions(command);
    return Failures.named(
        () -> {
          try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
            sources.reportTo(tables, command.getErr());
            sources.readBoth(tables, days.start(), days.end(), CONNECT, command);
            int code = question.applyAsInt(tables);
            Failures.check(command.getOut(), null);
            return code;
          }
        });
  }

  /** Writes an answer. */
  void write(CommandLine command, List<Sheet> sheets, Sheet whole) {
    try {
      if (out == null) {
        format.write(command.getOut(), sheets, whole);
        Failures.check(command.getOut(), null);
        return;
      }
      try (PrintWriter writer =
          new PrintWriter(Files.newBufferedWriter(out, StandardCharsets.UTF_8))) {
        format.write(writer, sheets, whole);
        Failures.check(writer, out);
      }
    } catch (IOException failed) {
      throw Failures.cannotWrite(out == null ? "the standard output" : out, failed);
    }
  }
}
