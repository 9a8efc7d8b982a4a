// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
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
    private final ArrayDeque<Instant> last = new ArrayDeque<>(MANY);
    private Instant quietUntil = Instant.MIN;
  }

  /** Counts a call. Returns whether it makes a burst that is worth an alert. */
  synchronized boolean isBurst(Anomaly.Kind kind, Instant now) {
    Count count = counts.computeIfAbsent(kind, none -> new Count());
    if (now.isBefore(count.quietUntil)) {
      return false;
    }
    count.last.add(now);
    if (count.last.size() < MANY) {
      return false;
    }
    Instant first = count.last.remove();
    if (Duration.between(first, now).compareTo(WITHIN) > 0) {
      return false;
    }
    count.last.clear();
    count.quietUntil = now.plus(QUIET);
    return true;
  }
}
