// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Remembers what was alerted, until a point in time. Bounded and thread-safe. Each kind of thing
 * has one of its own, so that many of a kind leave room for the others.
 */
final class Seen {
  private static final long SECONDS_BETWEEN_LOOKS = 60;

  private final ConcurrentHashMap<Object, Instant> ends = new ConcurrentHashMap<>();
  private final AtomicLong nextLook = new AtomicLong(Long.MIN_VALUE);
  private final int most;

  /** Whether something is new. */
  enum News {
    /** It is, and is remembered from now on. */
    FIRST,
    /** It is not. */
    KNOWN,
    /** It is, but as much as can be is remembered. */
    NO_ROOM
  }

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
    return look(key, now, until) == News.FIRST;
  }

  /** Like {@link #isFirst}, but what finds no room to be remembered is another answer. */
  News look(Object key, Instant now, Supplier<Instant> until) {
    Instant known = ends.get(key);
    boolean isFirst;
    if (known != null) {
      isFirst = !now.isBefore(known) && ends.replace(key, known, until.get());
    } else if (ends.size() >= most && !forget(now)) {
      return News.NO_ROOM;
    } else {
      isFirst = ends.putIfAbsent(key, until.get()) == null;
    }
    return isFirst ? News.FIRST : News.KNOWN;
  }

  /** Whether something is remembered. */
  boolean knows(Object key, Instant now) {
    Instant end = ends.get(key);
    return end != null && now.isBefore(end);
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
