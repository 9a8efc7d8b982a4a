// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import java.time.Duration;

/**
 * Notices that nothing comes back on a connection which counts as open: a relay or a firewall has
 * forgotten it, or its server vanished, and TCP does not know yet. Thread-safe.
 */
final class Silence {
  /** Longer than a server that answers at all takes for a short script. */
  static final Duration LONGEST = Duration.ofSeconds(3);

  private boolean isAwaited;
  private long since;

  /**
   * A command is sent. Returns whether nothing was heard for too long while commands were sent;
   * after that not again before the same time has passed.
   *
   * @param now elapsed nanoseconds
   */
  synchronized boolean isTooLongAt(long now) {
    if (!isAwaited) {
      isAwaited = true;
      since = now;
      return false;
    }
    if (now - since < LONGEST.toNanos()) {
      return false;
    }
    since = now;
    return true;
  }

  /** A reply came, whatever it says. */
  synchronized void end() {
    isAwaited = false;
  }
}
