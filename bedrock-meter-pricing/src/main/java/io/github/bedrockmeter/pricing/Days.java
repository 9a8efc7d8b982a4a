// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * The days, in UTC, on which a price holds. Immutable.
 *
 * @param from the first day; null for always
 * @param to the first day on which it no longer holds; null for never
 */
record Days(@Nullable LocalDate from, @Nullable LocalDate to) {

  /** The first instant, in milliseconds since the epoch. */
  long fromMillis() {
    return from == null ? Long.MIN_VALUE : millis(from);
  }

  /** The end, exclusive, in milliseconds since the epoch. */
  long toMillis() {
    return to == null ? Long.MAX_VALUE : millis(to);
  }

  private static long millis(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }

  boolean contains(Instant at) {
    long millis = at.toEpochMilli();
    return fromMillis() <= millis && millis < toMillis();
  }

  boolean overlap(Days that) {
    return fromMillis() < that.toMillis() && that.fromMillis() < toMillis();
  }
}
