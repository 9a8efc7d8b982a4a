// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The span of time a budget counts in. A span follows from an instant and the zone alone, so there
 * is nothing to reset and no job that could be late: when a new span begins, counting begins at
 * zero. {@link #toString} names the window with all its parameters, and two windows with one text
 * are the same to {@code BedrockMeter.replaceBudgets}. Immutable and thread-safe.
 */
public final class Window {
  private static final Span FOREVER = new Span(Instant.EPOCH, Instant.MAX);

  private final String name;
  private final Function<Instant, Span> spans;
  private final @Nullable Duration idle;

  private Window(String name, Function<Instant, Span> spans) {
    this(name, spans, null);
  }

  private Window(String name, Function<Instant, Span> spans, @Nullable Duration idle) {
    this.name = name;
    this.spans = spans;
    this.idle = idle;
  }

  /** Each minute of the clock. */
  public static Window minutely() {
    return new Window(
        "minutely",
        instant -> {
          Instant start = instant.truncatedTo(ChronoUnit.MINUTES);
          return new Span(start, start.plus(1, ChronoUnit.MINUTES));
        });
  }

  /** Each hour of the zone's clock; less, where its clock is changed within the hour. */
  public static Window hourly(ZoneId zone) {
    Objects.requireNonNull(zone, "zone");
    return new Window(
        "hourly in " + zone,
        instant -> {
          ZoneOffset offset = zone.getRules().getOffset(instant);
          Instant start = instant.atOffset(offset).truncatedTo(ChronoUnit.HOURS).toInstant();
          return clipped(zone, instant, new Span(start, start.plus(1, ChronoUnit.HOURS)));
        });
  }

  /** A clock that is changed by half an hour, as on Lord Howe Island, cuts the hour in two. */
  private static Span clipped(ZoneId zone, Instant instant, Span hour) {
    ZoneOffsetTransition before = zone.getRules().previousTransition(instant.plusNanos(1));
    ZoneOffsetTransition after = zone.getRules().nextTransition(instant);
    return new Span(
        before != null && before.getInstant().isAfter(hour.start())
            ? before.getInstant()
            : hour.start(),
        after != null && after.getInstant().isBefore(hour.end()) ? after.getInstant() : hour.end());
  }

  /** Each day of the zone's calendar: 23, 24 or 25 hours, as its clock is changed. */
  public static Window daily(ZoneId zone) {
    return calendar("daily in " + zone, zone, day -> day, day -> day.plusDays(1));
  }

  /** Each week of the zone's calendar, from Monday. */
  public static Window weekly(ZoneId zone) {
    return weekly(zone, DayOfWeek.MONDAY);
  }

  /** Each week of the zone's calendar, from the given day. */
  public static Window weekly(ZoneId zone, DayOfWeek firstDay) {
    Objects.requireNonNull(firstDay, "firstDay");
    return calendar(
        "weekly from " + firstDay + " in " + zone,
        zone,
        day -> day.with(TemporalAdjusters.previousOrSame(firstDay)),
        day -> day.plusWeeks(1));
  }

  /** Each month of the zone's calendar. */
  public static Window monthly(ZoneId zone) {
    return calendar(
        "monthly in " + zone, zone, day -> day.withDayOfMonth(1), day -> day.plusMonths(1));
  }

  /** All time: what is spent is never given back. */
  public static Window lifetime() {
    return new Window("lifetime", instant -> FOREVER);
  }

  /**
   * From the first call until no call was made for so long: the life of a run or a conversation.
   * The balance is forgotten then, and a later call of the same scope begins at zero.
   */
  public static Window untilIdle(Duration idle) {
    if (idle.isNegative() || idle.isZero()) {
      throw new IllegalArgumentException("idle must be positive, such as PT10M: " + idle);
    }
    return new Window("until idle for " + idle, instant -> FOREVER, idle);
  }

  /** How long without a call ends it; null if only the calendar does. */
  public @Nullable Duration idle() {
    return idle;
  }

  /** The span that {@code instant} lies in. */
  public Span spanAt(Instant instant) {
    return spans.apply(instant);
  }

  private static Window calendar(
      String name,
      ZoneId zone,
      Function<LocalDate, LocalDate> firstDay,
      Function<LocalDate, LocalDate> nextFirstDay) {
    Objects.requireNonNull(zone, "zone");
    return new Window(
        name,
        instant -> {
          LocalDate first = firstDay.apply(LocalDate.ofInstant(instant, zone));
          Instant end = nextFirstDay.apply(first).atStartOfDay(zone).toInstant();
          if (!instant.isBefore(end)) {
            // Clocks went back over midnight: the old day comes again, and the new one goes on.
            first = nextFirstDay.apply(first);
            end = nextFirstDay.apply(first).atStartOfDay(zone).toInstant();
          }
          return new Span(first.atStartOfDay(zone).toInstant(), end);
        });
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * One span of a window. Immutable and thread-safe.
   *
   * @param start its first instant
   * @param end the first instant after it; {@link Instant#MAX} if it never ends
   */
  public record Span(Instant start, Instant end) {

    /** Whether {@code instant} lies in this span. */
    public boolean contains(Instant instant) {
      return !instant.isBefore(start) && instant.isBefore(end);
    }

    /** Whether this span never ends. */
    public boolean isForever() {
      return end.equals(Instant.MAX);
    }
  }
}
