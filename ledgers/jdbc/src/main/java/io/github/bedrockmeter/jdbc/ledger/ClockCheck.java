// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/**
 * Compares the clocks of this process and of the database, and warns once: a process whose clock is
 * wrong spends what belongs to another window. Thread-safe.
 */
final class ClockCheck {
  private static final Log log = Log.to(LoggerFactory.getLogger(ClockCheck.class));

  /** Less is usual between machines, and moves few calls into another window. */
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile Duration databaseIsAhead = Duration.ZERO;

  ClockCheck(InstantSource clock) {
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * Compares the clocks.
   *
   * @param before when the database was asked, by this process
   * @param database its answer
   */
  void compare(Instant before, Instant database) {
    Instant now = clock.instant();
    Duration ahead =
        database.isBefore(before)
            ? Duration.between(before, database)
            : database.isAfter(now) ? Duration.between(now, database) : Duration.ZERO;
    databaseIsAhead = ahead;
    if (ahead.abs().compareTo(TOLERANCE) > 0 && warned.compareAndSet(false, true)) {
      log.warn(
          "The clock of this process says {} and the database's says {}: calls are counted in the"
              + " windows of the first; set the wrong one right",
          now,
          database);
    }
  }

  /** A meter may have a clock of its own; the windows it asks for show that. */
  void check(List<Hold> holds) {
    if (warned.get()) {
      return;
    }
    Instant database = clock.instant().plus(databaseIsAhead);
    for (Hold hold : holds) {
      Account account = hold.account();
      if (isOver(account, database) || account.start().isAfter(database.plus(TOLERANCE))) {
        if (warned.compareAndSet(false, true)) {
          log.warn(
              "A call is counted in the window from {} to {}, while the database's clock says {}:"
                  + " the clock of the meter is wrong; set it right",
              account.start(),
              account.end(),
              database);
        }
        return;
      }
    }
  }

  private static boolean isOver(Account account, Instant now) {
    return !account.isForever() && account.end().plus(TOLERANCE).isBefore(now);
  }
}
