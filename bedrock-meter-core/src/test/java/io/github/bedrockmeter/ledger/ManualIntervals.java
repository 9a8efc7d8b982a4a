// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** Intervals that pass when a test says so. Thread-safe. */
final class ManualIntervals implements Executor {
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  @Override
  public void execute(Runnable task) {
    waiting.add(task);
  }

  /** Lets one interval pass. Returns whether it was waited for. */
  boolean pass() {
    Runnable task = waiting.poll();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  /** Lets intervals pass while they are waited for, at most so many. */
  void passAll(int atMost) {
    for (int i = 0; i < atMost && pass(); i++) {}
  }
}
