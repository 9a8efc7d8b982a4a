// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.concurrent.Executor;

/** Runs something when an interval has passed, as long as it is needed. Thread-safe. */
final class Intervals {
  private final Executor afterInterval;
  private final Outbox outbox;
  private final Runnable turn;
  private boolean waiting;

  /**
   * Intervals that no one waits for yet.
   *
   * @param afterInterval runs what it is given when an interval has passed
   * @param turn is run then, under the lock
   */
  Intervals(Executor afterInterval, Outbox outbox, Runnable turn) {
    this.afterInterval = afterInterval;
    this.outbox = outbox;
    this.turn = turn;
  }

  /** Waits for the end of one interval. The caller holds the lock. */
  void await() {
    if (!waiting) {
      waiting = true;
      outbox.add(this::begin);
    }
  }

  private void begin() {
    try {
      afterInterval.execute(this::end);
    } catch (RuntimeException | Error refused) {
      outbox.lock();
      waiting = false; // the next call tries again
      outbox.unlock();
      throw refused;
    }
  }

  private void end() {
    outbox.lock();
    try {
      waiting = false;
      turn.run();
    } finally {
      outbox.unlock();
    }
  }
}
