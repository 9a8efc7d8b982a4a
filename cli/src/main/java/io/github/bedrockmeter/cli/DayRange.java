// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The days of the calls that a command reads, in UTC. */
final class DayRange {
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

  /** A day, or the days of a month. */
  private record Days(LocalDate first, LocalDate last) {}

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

  @Nullable LocalDate firstDay() {
    return from == null ? null : from.first();
  }

  /** The first day that no longer counts. */
  @Nullable LocalDate endDay() {
    return to == null ? null : to.last().plusDays(1);
  }

  @Nullable Instant start() {
    return startOf(firstDay());
  }

  @Nullable Instant end() {
    return startOf(endDay());
  }

  static @Nullable Instant startOf(@Nullable LocalDate day) {
    return day == null ? null : day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** Refuses days of which the last is before the first. */
  void check(CommandLine command) {
    check(command, start(), end());
  }

  /** The same of days that a command completed by its own defaults. */
  static void check(CommandLine command, @Nullable Instant start, @Nullable Instant end) {
    if (start != null && end != null && !start.isBefore(end)) {
      throw new Refusals.InOurWords(
          command,
          "--from must not be after --to: "
              + LocalDate.ofInstant(start, ZoneOffset.UTC)
              + ", "
              + LocalDate.ofInstant(end, ZoneOffset.UTC).minusDays(1));
    }
  }
}
