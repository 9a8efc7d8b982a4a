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

  /** As {@code date} and many programs write it: without a colon. */
  private static final String SHORT_OFFSET = "+0000";

  /** The shape of nearly every time, with a zero for a digit. */
  private static final String USUAL = "0000-00-00T00:00:00Z";

  private LogTime() {}

  /** The time; null if there is none that can be read. */
  static @Nullable Instant of(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      if (isUsual(text)) {
        return usual(text);
      }
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
      int offset = Math.max(time.indexOf('+', DAY), time.indexOf('-', DAY));
      if (offset < 0) {
        return LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
      }
      if (time.length() - offset == SHORT_OFFSET.length()) {
        int minutes = offset + 3;
        time = time.substring(0, minutes) + ':' + time.substring(minutes);
      }
      return OffsetDateTime.parse(time).toInstant();
    } catch (DateTimeException noTime) {
      return null;
    }
  }

  /** Whether it is as Bedrock writes it, which needs no general parser. */
  private static boolean isUsual(String text) {
    if (text.length() != USUAL.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char expected = USUAL.charAt(i);
      char letter = text.charAt(i);
      if (expected == '0' ? letter < '0' || letter > '9' : letter != expected) {
        return false;
      }
    }
    return number(text, 11) < 24 && number(text, 17) < 60; // others are read by the whole rules
  }

  private static Instant usual(String text) {
    return LocalDateTime.of(
            100 * number(text, 0) + number(text, 2),
            number(text, 5),
            number(text, 8),
            number(text, 11),
            number(text, 14),
            number(text, 17))
        .toInstant(ZoneOffset.UTC);
  }

  /** The number of two digits at a place. */
  private static int number(String text, int at) {
    return 10 * (text.charAt(at) - '0') + text.charAt(at + 1) - '0';
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
