// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock, and the calls that are made once it is free, so that no code of others runs under it.
 * Thread-safe.
 */
final class Outbox {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> calls = new ArrayList<>();

  void lock() {
    lock.lock();
  }

  /** Puts a call off until the lock is free. The caller holds the lock. */
  void add(Runnable call) {
    calls.add(call);
  }

  /** Frees the lock, then makes the calls that were put off: all of them, whatever one throws. */
  void unlock() {
    List<Runnable> due = calls.isEmpty() ? List.of() : List.copyOf(calls);
    calls.clear();
    lock.unlock();
    Throwable first = null;
    for (Runnable call : due) {
      try {
        call.run();
      } catch (RuntimeException | Error failure) {
        first = first == null ? failure : first;
      }
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw (RuntimeException) first;
    }
  }
}
