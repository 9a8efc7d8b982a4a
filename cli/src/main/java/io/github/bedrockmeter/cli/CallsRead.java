// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * What the commands over calls have in common: the calls, their days, and how answers are written.
 */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class CallsRead {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  @Mixin private ReportSources sources = new ReportSources();

  @Option(
      names = {"--from", "--since"},
      paramLabel = "DAY",
      converter = OfDays.class,
      description =
          "The first day or month of the calls, UTC, as 2026-10-01 or 2026-10. Default: the first"
              + " there is.")
  private @Nullable Days from;

  @Option(
      names = {"--to", "--until"},
      paramLabel = "DAY",
      converter = OfDays.class,
      description = "The last day or month, which is included. Default: the last there is.")
  private @Nullable Days to;

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

  /** A day, or the days of a month. */
  record Days(LocalDate first, LocalDate last) {}

  /** Reads {@code 2026-10-01} or {@code 2026-10}. */
  static final class OfDays implements ITypeConverter<Days> {
    @Override
    public Days convert(String text) {
      try {
        if (text.length() == "2026-10".length()) {
          YearMonth month = YearMonth.parse(text);
          return new Days(month.atDay(1), month.atEndOfMonth());
        }
        LocalDate day = LocalDate.parse(text);
        return new Days(day, day);
      } catch (DateTimeException malformed) {
        throw new TypeConversionException(
            "'" + Escaped.text(text, 60) + "' is not a day or a month, as 2026-10-01 or 2026-10");
      }
    }
  }

  ReportSources sources() {
    return sources;
  }

  @Nullable LocalDate from() {
    return from == null ? null : from.first();
  }

  /** The first day that no longer counts. */
  @Nullable LocalDate end() {
    return to == null ? null : to.last().plusDays(1);
  }

  private void checkDays(CommandLine command) {
    checkOrder(command, from, to);
  }

  static void checkOrder(CommandLine command, @Nullable Days from, @Nullable Days to) {
    if (from != null && to != null && to.last().isBefore(from.first())) {
      throw new Refusals.InOurWords(
          command, "--from must not be after --to: " + from.first() + ", " + to.last());
    }
  }

  /** Does something with the journal itself. */
  <T> T withJournal(CommandLine command, ReportSources.JournalWork<T> work) {
    Ignored.refuseLedger(command, "leave it out; this one changes a journal");
    checkDays(command);
    return sources.withJournal(command, CONNECT, work);
  }

  static @Nullable Instant start(@Nullable LocalDate day) {
    return day == null ? null : day.atStartOfDay(ZoneOffset.UTC).toInstant();
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
    if (start != null && end != null && !start.isBefore(end)) {
      throw new Refusals.InOurWords(
          command,
          "--from must not be after --to: "
              + LocalDate.ofInstant(start, ZoneOffset.UTC)
              + ", "
              + LocalDate.ofInstant(end, ZoneOffset.UTC).minusDays(1));
    }
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
    checkDays(command);
    Instant start = start(from());
    Instant end = start(end());
    return Failures.named(
        () -> {
          try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
            sources.reportTo(tables, command.getErr());
            sources.readBoth(tables, start, end, CONNECT, command);
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
