// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.Window;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** The windows of the histories, worked out by the calendar alone. */
enum Span {
  MINUTE,
  HOUR_IN_KOLKATA,
  DAY_IN_NEW_YORK,
  WEEK_FROM_SUNDAY,
  MONTH_IN_BERLIN,
  LIFETIME,
  RUN;

  /** After so long without a use, a run is over. */
  static final Duration IDLE = Duration.ofMinutes(2);

  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);

  Window window() {
    return switch (this) {
      case MINUTE -> Window.minutely();
      case HOUR_IN_KOLKATA -> Window.hourly(ZoneId.of("Asia/Kolkata"));
      case DAY_IN_NEW_YORK -> Window.daily(zone());
      case WEEK_FROM_SUNDAY -> Window.weekly(zone(), DayOfWeek.SUNDAY);
      case MONTH_IN_BERLIN -> Window.monthly(zone());
      case LIFETIME -> Window.lifetime();
      case RUN -> Window.untilIdle(IDLE);
    };
  }

  Instant startAt(Instant instant) {
    return switch (this) {
      case MINUTE -> instant.truncatedTo(ChronoUnit.MINUTES);
      case HOUR_IN_KOLKATA ->
          instant.plus(HALF_AN_HOUR).truncatedTo(ChronoUnit.HOURS).minus(HALF_AN_HOUR);
      case DAY_IN_NEW_YORK, WEEK_FROM_SUNDAY, MONTH_IN_BERLIN ->
          day(instant).atStartOfDay(zone()).toInstant();
      case LIFETIME, RUN -> Instant.EPOCH;
    };
  }

  Instant endAt(Instant instant) {
    return switch (this) {
      case MINUTE -> startAt(instant).plusSeconds(60);
      case HOUR_IN_KOLKATA -> startAt(instant).plusSeconds(3_600);
      case DAY_IN_NEW_YORK -> day(instant).plusDays(1).atStartOfDay(zone()).toInstant();
      case WEEK_FROM_SUNDAY -> day(instant).plusWeeks(1).atStartOfDay(zone()).toInstant();
      case MONTH_IN_BERLIN -> day(instant).plusMonths(1).atStartOfDay(zone()).toInstant();
      case LIFETIME, RUN -> Instant.MAX;
    };
  }

  /** The first day of the span. */
  private LocalDate day(Instant instant) {
    LocalDate today = LocalDate.ofInstant(instant, zone());
    return switch (this) {
      case WEEK_FROM_SUNDAY -> today.minusDays(today.getDayOfWeek().getValue() % 7);
      case MONTH_IN_BERLIN -> today.minusDays(today.getDayOfMonth() - 1);
      default -> today;
    };
  }

  private ZoneId zone() {
    return switch (this) {
      case DAY_IN_NEW_YORK -> ZoneId.of("America/New_York");
      case MONTH_IN_BERLIN -> ZoneId.of("Europe/Berlin");
      default -> ZoneOffset.UTC;
    };
  }
}
