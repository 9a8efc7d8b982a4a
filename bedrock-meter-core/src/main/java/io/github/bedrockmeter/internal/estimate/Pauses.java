// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Models that are not asked for a while. Thread-safe. */
final class Pauses {
  private static final int MOST_MODELS = 1_000;
  private static final long REFUSED_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 6;

  private record Pause(int doublings, long untilNanos) {}

  private final LongSupplier nanoClock;
  private final Cache<String, Pause> pauses =
      Caffeine.newBuilder().maximumSize(MOST_MODELS).executor(Runnable::run).build();

  Pauses(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  boolean isPaused(String model) {
    Pause pause = pauses.getIfPresent(model);
    return pause != null && isOn(pause);
  }

  private boolean isOn(Pause pause) {
    return nanoClock.getAsLong() - pause.untilNanos() < 0;
  }

  void refused(String model) {
    pauses.put(model, new Pause(0, nanoClock.getAsLong() + REFUSED_NANOS));
  }

  /** Pauses, each time for twice as long as the last; one pause at a time. */
  void lengthen(String model) {
    pauses
        .asMap()
        .compute(
            model,
            (id, last) -> {
              if (last != null && isOn(last)) {
                return last;
              }
              int doublings = last == null ? 0 : Math.min(last.doublings() + 1, MOST_DOUBLINGS);
              return new Pause(doublings, nanoClock.getAsLong() + (SHORTEST_NANOS << doublings));
            });
  }

  void end(String model) {
    pauses.invalidate(model);
  }
}
