// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * The meeting point of a journal's threads: callers put events in, {@link QueueFlusher} moves them
 * into files, and {@link FileMover} learns that there is something in the files. Thread-safe.
 */
final class EventQueue {
  private static final Log log = Log.to(LoggerFactory.getLogger(EventQueue.class));

  /** Events that come within this time become one batch. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long callers that do not wait for room wait for another one's write. */
  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(1);

  private static final long NOT_WRITING = Long.MIN_VALUE;

  /** So that the sum of times stays a long. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final int capacity;
  private final boolean dropsWhenFull;
  private final long waitNanos;
  private final long patienceNanos;
  private final Duration closeWithin;
  private final JournalCounters counters;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition room = lock.newCondition();

  // Guarded by the lock.
  private final Deque<PendingEvent> events = new ArrayDeque<>();
  private boolean recordsWait = true;
  private boolean closing;
  private long closingSince;
  private boolean ended;

  /** A caller has waited in vain, and there has been no room since: the next ones do not wait. */
  private boolean stuck;

  private long droppedForLackOfRoom;

  /** When the caller that has the lock began to write a file, written by it alone. */
  private volatile long writingSince = NOT_WRITING;

  /**
   * An empty queue.
   *
   * @param waitAtMost how long a caller waits for room; zero drops its event at once
   */
  EventQueue(int capacity, Duration waitAtMost, Duration closeWithin, JournalCounters counters) {
    this.capacity = capacity;
    this.dropsWhenFull = waitAtMost.isZero();
    this.waitNanos = nanos(waitAtMost);
    this.patienceNanos = nanos(dropsWhenFull ? USUAL_PATIENCE : waitAtMost);
    this.closeWithin = closeWithin;
    this.counters = counters;
  }

  private static long nanos(Duration time) {
    return (time.compareTo(LONGEST_WAIT) < 0 ? time : LONGEST_WAIT).toNanos();
  }

  /** Adds an event; waits for room, or drops it, when the queue is full. */
  void add(PendingEvent event) {
    if (!enter()) {
      dropBehindAnother();
      return;
    }
    try {
      addLocked(event);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the lock, which a caller has while it writes a file. Gives up when that one write takes
   * too long, however many others come first. One that is interrupted does not lose its event for
   * that.
   */
  private boolean enter() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (lock.tryLock() || lock.tryLock(patienceNanos, TimeUnit.NANOSECONDS)) {
            return true;
          }
        } catch (InterruptedException later) {
          interrupted = true;
        }
        long since = writingSince;
        if (since != NOT_WRITING && System.nanoTime() - since >= patienceNanos) {
          return false;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void dropBehindAnother() {
    if (counters.drop() == 0) {
      log.error(
          "An event is dropped: another caller's write to the journal's directory does not end");
    }
  }

  private void addLocked(PendingEvent event) {
    awaitRoom();
    boolean full = events.size() >= capacity && (dropsWhenFull || !closing);
    if (full) {
      dropForLackOfRoom();
      return;
    }
    if (ended) {
      if (counters.drop() == 0) {
        log.error("An event is dropped, because the journal is closed");
      }
      return;
    }
    events.add(event);
    counters.accept();
    if (events.size() == 1 || events.size() == capacity / 2) {
      changed.signalAll();
    }
  }

  /** Until there is room, the time is over, or the caller is interrupted. */
  private void awaitRoom() {
    long left = stuck ? 0 : waitNanos;
    while (events.size() >= capacity && !closing && left > 0) {
      try {
        left = room.awaitNanos(left);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    stuck = events.size() >= capacity && !closing;
  }

  private void dropForLackOfRoom() {
    counters.drop();
    if (droppedForLackOfRoom++ == 0) {
      log.error(
          "Events are dropped: {} wait, and neither the journal's directory nor its database takes"
              + " them",
          capacity);
    }
  }

  /** Puts an event's record into a file at once; adds the event if that is not possible. */
  void addToFile(byte[] record, PendingEvent event, Spill spill) {
    if (!enter()) {
      dropBehindAnother();
      return;
    }
    try {
      if (ended || !events.isEmpty() || !append(record, spill)) {
        addLocked(event);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean append(byte[] record, Spill spill) {
    writingSince = Math.max(System.nanoTime(), NOT_WRITING + 1);
    try {
      spill.append(List.of(record));
    } catch (Throwable full) {
      // The flushing thread gets the same failure and logs it.
      return false;
    } finally {
      writingSince = NOT_WRITING;
    }
    counters.accept();
    signalRecords();
    return true;
  }

  private void signalRecords() {
    if (!recordsWait) {
      recordsWait = true;
      changed.signalAll();
    }
  }

  /** Waits for an event and then for the interval; returns whether the journal is being closed. */
  boolean awaitEvents(long intervalNanos) {
    lock.lock();
    try {
      while (events.isEmpty() && !closing) {
        changed.awaitUninterruptibly();
      }
      await(() -> closing || events.size() >= capacity / 2, Math.max(intervalNanos, PAUSE_NANOS));
      return closing;
    } finally {
      lock.unlock();
    }
  }

  /** Waits, under the lock, until a condition holds or the time has passed. */
  private void await(BooleanSupplier over, long nanos) {
    long left = nanos;
    while (left > 0 && !over.getAsBoolean()) {
      try {
        left = changed.awaitNanos(left);
      } catch (InterruptedException notByUs) {
        return;
      }
    }
  }

  /** What is in the queue now, the oldest first. */
  List<PendingEvent> events() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the oldest events, which are safe elsewhere, and lets waiting callers in.
   *
   * @param inFiles whether they are in files, from where they go on
   */
  void removeOldest(int count, boolean inFiles) {
    lock.lock();
    try {
      for (int i = 0; i < count; i++) {
        events.remove();
      }
      stuck = false;
      if (droppedForLackOfRoom > 0) {
        log.warn("The journal takes events again; {} were dropped", droppedForLackOfRoom);
        droppedForLackOfRoom = 0;
      }
      if (inFiles) {
        signalRecords();
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for records, and for the database's pause; returns whether no more will come. */
  boolean awaitRecords(long pauseNanos) {
    lock.lock();
    try {
      while (!recordsWait && !ended) {
        changed.awaitUninterruptibly();
      }
      await(() -> ended, Math.max(PAUSE_NANOS, pauseNanos));
      recordsWait = false;
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Some records are still in the files, so that {@link #awaitRecords} does not wait for more. */
  void keepRecords() {
    lock.lock();
    try {
      recordsWait = true;
    } finally {
      lock.unlock();
    }
  }

  /** Makes the journal's threads finish, and lets waiting callers in. */
  void close() {
    lock.lock();
    try {
      if (!closing) {
        closing = true;
        closingSince = System.nanoTime();
      }
      changed.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the time for closing is over. */
  boolean isPastClosing() {
    lock.lock();
    try {
      return closing && System.nanoTime() - closingSince > closeWithin.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more events; those that are left are lost. */
  void end() {
    lock.lock();
    try {
      ended = true;
      counters.lose(events.size());
      events.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
