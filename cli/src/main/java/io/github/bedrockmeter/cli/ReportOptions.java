// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Period;
import io.github.bedrockmeter.report.output.ReportRequest;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a report shows, and how. */
final class ReportOptions {
  @Option(
      names = {"--from", "--since"},
      paramLabel = "TIME",
      description =
          "The first day or month, as 2026-10-01 or 2026-10, or an instant. Default: the first day"
              + " that has a call.")
  private @Nullable String from;

  @Option(
      names = {"--to", "--until"},
      paramLabel = "TIME",
      description =
          "The last day or month, which is included, as 2026-10-31 or 2026-10; or an instant, which"
              + " is not. Default: the last day that has a call.")
  private @Nullable String to;

  @Option(
      names = "--filter",
      paramLabel = "DIMENSION=VALUE",
      converter = OfFilter.class,
      description =
          "Only calls with this value, as tag:team=search, or tag:team=(none). Several of one"
              + " dimension are alternatives; all dimensions must match. May be given again.")
  private List<ReportRequest.Filter> filters = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = Converters.OfCount.class,
      description =
          "So many groups have a row of their own, the others share one. Default: all of them; on"
              + " the page, 12.")
  private int top;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      converter = OfZone.class,
      description = "Whose days and months count, as Europe/Berlin. Default: UTC, as AWS bills.")
  private ZoneId zone = ZoneOffset.UTC;

  @Option(names = "--previous", description = "Beside it the time before, of equal length.")
  private boolean previous;

  @Option(
      names = "--untagged",
      description = "Calls without a tag are always shown, as (none); this option changes nothing.",
      hidden = true)
  @SuppressWarnings("UnusedVariable") // what it asks for is always done
  private boolean untagged;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = ReportFormat.Of.class,
      description =
          "table, csv, json, html, parquet or focus. Default: by the ending of --out, else table.")
  private @Nullable ReportFormat format;

  @Option(names = "--json", description = "The same as --format json.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write it. Default: standard output.")
  private @Nullable Path out;

  @Option(
      names = "--width",
      paramLabel = "N",
      converter = Converters.OfCount.class,
      description =
          "The columns of characters that a table has. Default: those of the terminal, which"
              + " COLUMNS may state; else 120.")
  private @Nullable Integer width;

  @Option(
      names = "--billing-account",
      paramLabel = "ACCOUNT",
      description = "focus: the account that AWS bills. Default: each call's own.")
  private @Nullable String billingAccount;

  @Option(
      names = "--billing-account-name",
      paramLabel = "NAME",
      description = "focus: the name of that account. Default: none.")
  private @Nullable String billingAccountName;

  ReportFormat format(CommandLine command) {
    if (command.getParseResult().hasMatchedOption("--top") && top < 1) {
      throw new Refusals.InOurWords(command, "--top must be at least 1, as --top 20: " + top);
    }
    if (json && format != null && format != ReportFormat.JSON) {
      throw new Refusals.InOurWords(command, "--json and --format are two formats: give one");
    }
    if (!json && format == null) {
      refuseOtherEnding(command);
    }
    ReportFormat chosen =
        json ? ReportFormat.JSON : format != null ? format : ReportFormat.byEndingOf(out);
    if (chosen == ReportFormat.PARQUET && out == null) {
      throw new Refusals.InOurWords(
          command, "--format parquet needs a file: add --out report.parquet");
    }
    if (chosen != ReportFormat.TABLE && width != null) {
      throw new Refusals.InOurWords(
          command,
          "--width belongs to --format table, not "
              + chosen.word()
              + ": leave it out"
              + (out == null ? ", or add --format table" : ", or name the file report.txt"));
    }
    if (chosen != ReportFormat.FOCUS && (billingAccount != null || billingAccountName != null)) {
      throw new Refusals.InOurWords(
          command, "--billing-account is for --format focus, not " + chosen.word());
    }
    if (billingAccountName != null && billingAccount == null) {
      throw new Refusals.InOurWords(
          command,
          "--billing-account-name is the name of one account: add --billing-account"
              + " 123456789012");
    }
    return chosen;
  }

  /** A file whose ending is that of a known format which no report has would not open. */
  private void refuseOtherEnding(CommandLine command) {
    String name = out == null ? "" : out.toString().toLowerCase(Locale.ROOT);
    for (String ending : List.of(".xlsx", ".xls", ".ods", ".pdf", ".xml", ".yaml", ".yml", ".gz")) {
      if (name.endsWith(ending)) {
        throw new Refusals.InOurWords(
            command,
            "no report is written as " + ending + ": name a .csv, .html or .json, or add --format");
      }
    }
  }

  /**
   * The request.
   *
   * @param by the default of a short form, such as 'daily'
   */
  ReportRequest request(CommandLine command, List<Dimension> by, Period period) {
    try {
      refuseReverse();
      return new ReportRequest(
          by,
          period,
          from == null ? null : moment("--from", from, false),
          to == null ? null : moment("--to", to, true),
          filters,
          top,
          zone,
          previous);
    } catch (IllegalArgumentException wrong) {
      throw new Refusals.InOurWords(command, String.valueOf(wrong.getMessage()));
    }
  }

  /** In the words that were given: the end of a day reads like the day after it. */
  private void refuseReverse() {
    if (from != null
        && to != null
        && !moment("--from", from, false).isBefore(moment("--to", to, true))) {
      throw new IllegalArgumentException(
          "--from must not be after --to: " + Escaped.text(from, 60) + ", " + Escaped.text(to, 60));
    }
  }

  private Instant moment(String option, String text, boolean end) {
    try {
      if (text.length() == "2026-10".length()) {
        LocalDate first = YearMonth.parse(text).atDay(1);
        return (end ? first.plusMonths(1) : first).atStartOfDay(zone).toInstant();
      }
      if (text.indexOf('T') < 0) {
        LocalDate day = LocalDate.parse(text);
        return (end ? day.plusDays(1) : day).atStartOfDay(zone).toInstant();
      }
      return Instant.parse(text);
    } catch (DateTimeException malformed) {
      throw new IllegalArgumentException(
          option
              + " must be a day, as 2026-10-01, a month, as 2026-10, or an instant, as"
              + " 2026-10-01T00:00:00Z: '"
              + Escaped.text(text, 60)
              + "'",
          malformed);
    }
  }

  @Nullable Path out() {
    return out;
  }

  @Nullable String billingAccount() {
    return billingAccount;
  }

  @Nullable String billingAccountName() {
    return billingAccountName;
  }

  int width(CommandLine command) {
    if (width != null) {
      if (width < 20) {
        throw new Refusals.InOurWords(command, "--width must be at least 20: " + width);
      }
      return width;
    }
    return Terminal.columnsOr(120);
  }

  /** Reads {@code tag:team=search}. */
  static final class OfFilter implements ITypeConverter<ReportRequest.Filter> {
    @Override
    public ReportRequest.Filter convert(String text) {
      try {
        return ReportRequest.Filter.of(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException(String.valueOf(wrong.getMessage()));
      }
    }
  }

  /** Reads {@code tag:team} or {@code model}. */
  static final class OfDimension implements ITypeConverter<Dimension> {
    @Override
    public Dimension convert(String text) {
      try {
        return Dimension.of(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException(String.valueOf(wrong.getMessage()));
      }
    }
  }

  /** Reads {@code day}. */
  static final class OfPeriod implements ITypeConverter<Period> {
    @Override
    public Period convert(String text) {
      String name = text.equals("daily") ? "day" : text;
      List<String> names =
          Arrays.stream(Period.values())
              .map(period -> period.name().toLowerCase(Locale.ROOT))
              .toList();
      if (names.contains(text)) {
        return Period.valueOf(text.toUpperCase(Locale.ROOT));
      }
      throw new TypeConversionException(
          "'"
              + Escaped.text(text, 60)
              + "' is not hour, day, month or all"
              + NearestName.to(name, names)
                  .map(near -> " (did you mean '" + near + "'?)")
                  .orElse(""));
    }
  }

  /** Reads {@code Europe/Berlin}. */
  static final class OfZone implements ITypeConverter<ZoneId> {
    @Override
    public ZoneId convert(String text) {
      try {
        return text.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(text);
      } catch (DateTimeException unknown) {
        throw new TypeConversionException(
            "'"
                + Escaped.text(text, 60)
                + "' is no time zone, such as Europe/Berlin"
                + NearestName.hint(text, ZoneId.getAvailableZoneIds()));
      }
    }
  }
}
