// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Time that stands still until a test moves it, and alarms that ring on its way. Thread-safe. */
final class ManualTime implements LongSupplier, Lane.Alarm {
  private record Ringing(long atNanos, long order, Runnable task) {}

  private final PriorityQueue<Ringing> alarms =
      new PriorityQueue<>(
          Comparator.comparingLong(Ringing::atNanos).thenComparingLong(Ringing::order));
  private long nanos = -1_000_000_000L; // the origin means nothing
  private long order;

  @Override
  public synchronized long getAsLong() {
    return nanos;
  }

  @Override
  public synchronized void after(long delayNanos, Runnable task) {
    alarms.add(new Ringing(nanos + delayNanos, order++, task));
  }

  /** Moves on, ringing what is due in between at its own time. */
  void advance(Duration duration) {
    long until = getAsLong() + duration.toNanos();
    Runnable due = nextUntil(until);
    while (due != null) {
      due.run();
      due = nextUntil(until);
    }
  }

  /** Moves on at once, and rings what has become due then and there. */
  void jump(Duration duration) {
    synchronized (this) {
      nanos += duration.toNanos();
    }
    advance(Duration.ZERO);
  }

  private synchronized @Nullable Runnable nextUntil(long until) {
    Ringing next = alarms.peek();
    if (next == null || next.atNanos > until) {
      nanos = until;
      return null;
    }
    alarms.remove();
    nanos = Math.max(nanos, next.atNanos);
    return next.task;
  }
}
