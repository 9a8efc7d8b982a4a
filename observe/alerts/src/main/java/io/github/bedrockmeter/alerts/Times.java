// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.internal.text.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Instants and durations as people read them. Immutable and thread-safe. */
final class Times {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("EEEE yyyy-MM-dd HH:mm z", Locale.ENGLISH);

  private final ZoneId zone;

  Times(ZoneId zone) {
    this.zone = zone.equals(ZoneOffset.UTC) ? ZoneId.of("UTC") : zone;
  }

  /** {@code Thursday 2026-12-03 14:00 UTC}, cut to the minute. */
  String at(Instant instant) {
    try {
      return FORM.format(instant.atZone(zone));
    } catch (DateTimeException beyond) { // a year that no calendar has
      return instant.isAfter(Instant.EPOCH) ? "the end of time" : "the beginning of time";
    }
  }

  /** A point in time with how far it is: {@code Thursday 2026-12-03 14:00 UTC, in 2h 5m}. */
  String ahead(Instant instant, Instant now) {
    return instant.isAfter(now) && !instant.equals(Instant.MAX)
        ? at(instant) + ", in " + Durations.text(Duration.between(now, instant))
        : at(instant);
  }

  /** The first instant of the next day. */
  Instant nextDay(Instant now) {
    return now.atZone(zone).toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
  }

  /** The first instant of the day. */
  Instant day(Instant now) {
    return now.atZone(zone).toLocalDate().atStartOfDay(zone).toInstant();
  }
}
