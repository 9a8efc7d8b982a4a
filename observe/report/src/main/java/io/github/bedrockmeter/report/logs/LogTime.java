// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * The times in logs: by RFC 3339, as databases write them in UTC, or in milliseconds. Stateless.
 */
final class LogTime {
  /** {@code 2026-11-29}. */
  private static final int DAY = 10;

  private static final int MILLIS_DIGITS = 13;

  private LogTime() {}

  /** The time; null if there is none that can be read. */
  static @Nullable Instant of(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      String time = text.strip();
      if (time.length() == MILLIS_DIGITS && isDigits(time)) {
        return Instant.ofEpochMilli(Long.parseLong(time));
      }
      if (time.length() <= MILLIS_DIGITS) {
        return null;
      }
      if (time.charAt(DAY) == ' ') {
        time = time.substring(0, DAY) + 'T' + time.substring(DAY + 1);
      }
      if (time.endsWith("Z")) {
        return Instant.parse(time);
      }
      boolean hasOffset = time.indexOf('+', DAY) > 0 || time.indexOf('-', DAY) > 0;
      return hasOffset
          ? OffsetDateTime.parse(time).toInstant()
          : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException noTime) {
      return null;
    }
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
