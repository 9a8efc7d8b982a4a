// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Account;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * Warns once if the store's clock and this process's differ: calls would be counted in windows of
 * another time. Thread-safe.
 */
final class ClockCheck {
  /** Windows are hours and days; machines whose time is synchronized differ by milliseconds. */
  static final Duration TOLERATED = Duration.ofMinutes(3);

  private static final Log log = Log.to(LoggerFactory.getLogger(ClockCheck.class));

  private final AtomicBoolean hasWarned = new AtomicBoolean();

  /**
   * The store answered.
   *
   * @param store its time
   * @param sent this process's time when the question was sent
   * @param received this process's time now
   */
  void compare(Instant store, Instant sent, Instant received) {
    if ((store.isBefore(sent.minus(TOLERATED)) || store.isAfter(received.plus(TOLERATED)))
        && hasWarned.compareAndSet(false, true)) {
      log.warn(
          "The clocks of Redis and of this process differ: Redis has {}, this process has {};"
              + " synchronize them, or calls are counted in windows of another time",
          store,
          received);
    }
  }

  /** A call is counted in an account, in a window of this process's choice. */
  void compare(Instant store, Account account) {
    if (!account.isForever()
        && (store.isBefore(account.start().minus(TOLERATED))
            || store.isAfter(account.end().plus(TOLERATED)))
        && hasWarned.compareAndSet(false, true)) {
      log.warn(
          "The clocks of Redis and of the meter differ: Redis has {}, and a call was counted in the"
              + " window from {} to {}; synchronize them",
          store,
          account.start(),
          account.end());
    }
  }
}
