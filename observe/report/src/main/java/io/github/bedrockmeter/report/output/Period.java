// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long each row of a report is, on the calendar of a zone: a day may have 23 or 25 hours, and
 * an hour that comes twice is two hours. Immutable and thread-safe.
 */
public enum Period {
  /** An hour of the clock. */
  HOUR,
  /** From midnight to midnight. */
  DAY,
  /** A month of the calendar. */
  MONTH,
  /** The whole time of the report, as one period. */
  ALL;

  /** More rows than a reader looks at, or than a page can draw. */
  static final int MOST = 100_000;

  /**
   * One period.
   *
   * @param starts the first instant
   * @param ends the first instant after it
   * @param label as machines read it: {@code 2026-10}, {@code 2026-10-05}
   */
  public record Span(Instant starts, Instant ends, String label) {}

  /**
   * The periods of a time, the first and the last of which are cut where the time begins and ends.
   *
   * @throws IllegalArgumentException if there are more than 100,000
   */
  List<Span> spans(Instant from, Instant to, ZoneId zone) {
    if (this == ALL) {
      return List.of(new Span(from, to, whole(from, to, zone)));
    }
    List<Span> spans = new ArrayList<>();
    ZonedDateTime start = floor(from.atZone(zone));
    while (start.toInstant().isBefore(to)) {
      ZonedDateTime next = next(start);
      spans.add(
          new Span(later(start.toInstant(), from), earlier(next.toInstant(), to), label(start)));
      if (spans.size() > MOST) {
        throw new IllegalArgumentException(
            "--period " + word() + " would have more than 100,000 periods; take a longer one");
      }
      start = next;
    }
    return List.copyOf(spans);
  }

  /** The beginning of the period in which a moment is. */
  ZonedDateTime floor(ZonedDateTime at) {
    return switch (this) {
      case HOUR -> at.truncatedTo(ChronoUnit.HOURS);
      case DAY, ALL -> at.toLocalDate().atStartOfDay(at.getZone());
      case MONTH -> at.toLocalDate().withDayOfMonth(1).atStartOfDay(at.getZone());
    };
  }

  private ZonedDateTime next(ZonedDateTime start) {
    return switch (this) {
      case HOUR -> nextHour(start);
      case DAY, ALL -> start.toLocalDate().plusDays(1).atStartOfDay(start.getZone());
      case MONTH ->
          start.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(start.getZone());
    };
  }

  /**
   * The next full hour of the clock, also where the clock is put back. Where it is put back by half
   * an hour, that half hour is a period of its own.
   */
  private static ZonedDateTime nextHour(ZonedDateTime start) {
    ZonedDateTime later = start.plusHours(1);
    ZonedDateTime full = later.truncatedTo(ChronoUnit.HOURS);
    return full.isAfter(start) ? full : later;
  }

  private String label(ZonedDateTime start) {
    return switch (this) {
      case HOUR -> start.format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mmxxx", Locale.ROOT));
      case DAY, ALL -> start.toLocalDate().toString();
      case MONTH -> start.format(DateTimeFormatter.ofPattern("uuuu-MM", Locale.ROOT));
    };
  }

  /** A time as a reader of days sees it: {@code 2026-10-01/2026-10-31}, the last day included. */
  static String whole(Instant from, Instant to, ZoneId zone) {
    LocalDate first = from.atZone(zone).toLocalDate();
    LocalDate last = to.minusNanos(1).atZone(zone).toLocalDate();
    return first.equals(last) ? first.toString() : first + "/" + last;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
