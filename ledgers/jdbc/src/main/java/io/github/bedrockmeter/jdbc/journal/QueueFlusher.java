// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * Moves events from the queue into files, once in each interval, until the journal is closed.
 * Confined to the thread that runs it.
 */
final class QueueFlusher implements Runnable {
  private static final Log log = Log.to(LoggerFactory.getLogger(QueueFlusher.class));
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long FAILURE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final EventQueue queue;
  private final Spill spill;
  private final JournalStore store;
  private final JournalCounters counters;
  private final long intervalNanos;
  private boolean directoryFails;
  private boolean flushFails;

  QueueFlusher(
      EventQueue queue,
      Spill spill,
      JournalStore store,
      JournalCounters counters,
      long intervalNanos) {
    this.queue = queue;
    this.spill = spill;
    this.store = store;
    this.counters = counters;
    this.intervalNanos = intervalNanos;
  }

  @Override
  public void run() {
    boolean last = false;
    while (!last) {
      try {
        boolean closing = queue.awaitEvents(intervalNanos);
        boolean flushed = flush();
        last = closing && (flushed || queue.isPastClosing());
        flushFails = false;
      } catch (Throwable failure) {
        last = queue.isPastClosing();
        keepFlushing(failure);
      }
    }
    queue.end();
  }

  /** Nothing ends the thread that makes room for callers: what failed is still in the queue. */
  private void keepFlushing(Throwable failure) {
    if (!flushFails) {
      log.error("The journal's queue could not be emptied; the journal tries again", failure);
    }
    flushFails = true;
    LockSupport.parkNanos(FAILURE_PAUSE_NANOS);
  }

  /** Moves what is in the queue now into files; returns whether nothing is left. */
  private boolean flush() {
    List<PendingEvent> events = queue.events();
    for (int from = 0; from < events.size(); from += JournalStore.BATCH) {
      int to = Math.min(events.size(), from + JournalStore.BATCH);
      if (!flush(events.subList(from, to))) {
        return false;
      }
    }
    return queue.events().isEmpty();
  }

  /** Moves the oldest events of the queue into a file or, if that fails, the database. */
  private boolean flush(List<PendingEvent> events) {
    List<byte[]> records = new ArrayList<>(events.size());
    for (PendingEvent event : events) {
      byte[] record = event.recordOrNull();
      if (record != null) {
        records.add(record);
      }
    }
    boolean inFile = append(records);
    if (!inFile && !store.write(JournalStore.entries(records))) {
      LockSupport.parkNanos(PAUSE_NANOS);
      return false;
    }
    queue.removeOldest(events.size(), inFile);
    counters.lose(events.size() - records.size());
    if (!inFile) {
      counters.write(records.size(), records.size());
    }
    return true;
  }

  private boolean append(List<byte[]> records) {
    try {
      spill.append(records);
      directoryFails = false;
      return true;
    } catch (Throwable failure) {
      if (!directoryFails) {
        log.error("The journal's directory takes no events; they go to the database", failure);
      }
      directoryFails = true;
      return false;
    }
  }
}
