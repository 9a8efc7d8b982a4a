// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import java.util.concurrent.atomic.AtomicLong;

/** How many events are where. Thread-safe. */
final class JournalCounters {
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /** An event was taken. */
  void accept() {
    accepted.incrementAndGet();
    pending.incrementAndGet();
  }

  /** Earlier processes left events in files. */
  void find(int events) {
    pending.addAndGet(events);
  }

  /**
   * Events reached the database.
   *
   * @param counted how many of the pending ones that settles; a damaged file has fewer left
   */
  void write(int events, int counted) {
    written.addAndGet(events);
    pending.addAndGet(-counted);
  }

  /** Events that were taken are lost. */
  void lose(int events) {
    dropped.addAndGet(events);
    pending.addAndGet(-events);
  }

  /** An event is not taken; returns how many were dropped before it. */
  long drop() {
    return dropped.getAndIncrement();
  }

  long accepted() {
    return accepted.get();
  }

  long written() {
    return written.get();
  }

  long pending() {
    return pending.get();
  }

  long dropped() {
    return dropped.get();
  }
}
