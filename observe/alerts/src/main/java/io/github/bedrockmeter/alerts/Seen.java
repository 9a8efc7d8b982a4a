// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Remembers what was alerted, until a point in time. Bounded and thread-safe. */
final class Seen {
  private static final long SECONDS_BETWEEN_LOOKS = 60;

  private final ConcurrentHashMap<Object, Instant> ends = new ConcurrentHashMap<>();
  private final AtomicLong nextLook = new AtomicLong(Long.MIN_VALUE);
  private final int most;

  Seen(int most) {
    this.most = most;
  }

  /**
   * Whether this is the first time, to one caller alone; false for all that is new while as much as
   * can be is remembered.
   *
   * @param until when it is forgotten; asked only where it is new
   */
  boolean isFirst(Object key, Instant now, Supplier<Instant> until) {
    Instant known = ends.get(key);
    if (known != null) {
      return !now.isBefore(known) && ends.replace(key, known, until.get());
    }
    if (ends.size() >= most && !forget(now)) {
      return false;
    }
    return ends.putIfAbsent(key, until.get()) == null;
  }

  /** Makes sure that something is no news until then, as far as there is room to remember it. */
  void remember(Object key, Instant now, Instant until) {
    if (ends.containsKey(key) || ends.size() < most || forget(now)) {
      ends.put(key, until);
    }
  }

  /** Forgets what is over, at most once a minute. Returns whether there is room. */
  private boolean forget(Instant now) {
    long second = now.getEpochSecond();
    long next = nextLook.get();
    if (second >= next && nextLook.compareAndSet(next, second + SECONDS_BETWEEN_LOOKS)) {
      ends.values().removeIf(end -> !now.isBefore(end));
    }
    return ends.size() < most;
  }

  /** Forgets one thing, so that it is new again. */
  void forget(Object key) {
    ends.remove(key);
  }
}
