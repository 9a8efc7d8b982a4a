// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Notices when many calls in a short time have an anomaly of one kind. Thread-safe. */
final class Bursts {
  static final int MANY = 10;
  static final Duration WITHIN = Duration.ofMinutes(5);

  /** After an alert, a kind is quiet for so long. */
  private static final Duration QUIET = Duration.ofHours(1);

  private final Map<Anomaly.Kind, Count> counts = new EnumMap<>(Anomaly.Kind.class);

  private static final class Count {
    private Instant began = Instant.MIN;
    private Instant quietUntil = Instant.MIN;
    private int calls;
  }

  /** Counts a call. Returns whether it makes a burst that is worth an alert. */
  synchronized boolean isBurst(Anomaly.Kind kind, Instant now) {
    Count count = counts.computeIfAbsent(kind, none -> new Count());
    if (now.isBefore(count.quietUntil)) {
      return false;
    }
    if (count.began.equals(Instant.MIN)
        || Duration.between(count.began, now).compareTo(WITHIN) > 0) {
      count.began = now;
      count.calls = 0;
    }
    count.calls++;
    if (count.calls < MANY) {
      return false;
    }
    count.began = Instant.MIN;
    count.quietUntil = now.plus(QUIET);
    return true;
  }
}
