// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.time.Duration;

/** Durations in texts for people. */
public final class Durations {
  private Durations() {}

  /** A duration in its two largest units: {@code 2h 5m}. */
  public static String text(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + "d " + duration.toHoursPart() + "h";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
    return duration.toMinutes() > 0
        ? duration.toMinutes() + "m " + duration.toSecondsPart() + "s"
        : duration.toSeconds() + "s";
  }
}
