// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Lines that wait, and the one thread that writes them, which ends when there are none for a while.
 * Thread-safe.
 */
final class LineWriter {
  /*
   * A caller only puts a reference into the queue: the lock is held to add one or to take one, and
   * for nothing that may block. A line is put together by the writer's thread, and not even the log
   * is written by callers.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(LineWriter.class));
  private static final long BETWEEN_ATTEMPTS = TimeUnit.SECONDS.toNanos(1);

  /** A target that is slow need not carry more lines about drops than this. */
  private static final long BETWEEN_REPORTS = TimeUnit.SECONDS.toNanos(10);

  /** So that a time is a number of nanoseconds. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final Target target;
  private final int capacity;
  private final long idleNanos;
  private final LongFunction<byte[]> dropReport;
  private final OutageLog outage = new OutageLog(log, "Lines for CloudWatch cannot be written");
  private final BackgroundLog background = new BackgroundLog();

  private final AtomicLong written = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  // Of the writer's thread alone.
  private long reported;
  private long lastReport = System.nanoTime() - BETWEEN_REPORTS;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final Deque<Supplier<byte[]>> waiting = new ArrayDeque<>();
  private @Nullable Thread thread;
  private boolean hasOneInHand;
  private boolean isClosing;
  private long accepted;
  private long finished;

  /**
   * A writer without a thread, which the first line starts.
   *
   * @param capacity how many lines may wait
   * @param idle how long the thread waits for another line before it ends
   * @param dropReport makes the line that says how many were lost
   */
  LineWriter(Target target, int capacity, Duration idle, LongFunction<byte[]> dropReport) {
    this.target = target;
    this.capacity = capacity;
    this.idleNanos = idle.toNanos();
    this.dropReport = dropReport;
  }

  /** Takes a line, or drops it if too many wait. Never waits; never throws. */
  void add(Supplier<byte[]> line) {
    boolean isTaken;
    lock.lock();
    try {
      isTaken = !isClosing && waiting.size() < capacity;
      if (isTaken) {
        waiting.add(line);
        accepted++;
        if (thread == null) {
          start();
        } else if (waiting.size() == 1) {
          changed.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
    if (!isTaken) {
      drop(1);
    }
  }

  /** Where the system has no thread, the next line tries again. */
  private void start() {
    // It inherits no thread-local values of the call that happened to start it.
    Thread started = new Thread(null, this::run, "bedrock-meter-cloudwatch", 0, false);
    started.setDaemon(true);
    try {
      started.start();
      thread = started;
    } catch (Throwable noThread) {
      thread = null;
    }
  }

  private void drop(long lines) {
    dropped.addAndGet(lines);
    background.nowAndThen(this::logDrops);
  }

  private void logDrops() {
    log.warn(
        "Lines for CloudWatch are dropped, {} so far: {} wait for {}",
        dropped.get(),
        pending(),
        target);
  }

  private void run() {
    try {
      do {
        Supplier<byte[]> line = next();
        while (line != null) {
          write(line);
          line = next();
        }
        target.release();
      } while (!isEnded());
    } finally {
      forget();
    }
  }

  /** After an error, such as a lack of memory, the next line starts another thread. */
  private void forget() {
    lock.lock();
    try {
      if (thread == Thread.currentThread()) {
        thread = null;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The next line; null if there is none for a while, or none any more. */
  private @Nullable Supplier<byte[]> next() {
    lock.lock();
    try {
      if (hasOneInHand) {
        hasOneInHand = false;
        finished++;
        changed.signalAll();
      }
      long left = idleNanos;
      while (waiting.isEmpty() && !isClosing && left > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException lookAgain) {
          // close() sends it.
        }
      }
      hasOneInHand = !waiting.isEmpty();
      return waiting.poll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isEnded() {
    lock.lock();
    try {
      if (!waiting.isEmpty()) {
        return false;
      }
      thread = null;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void write(Supplier<byte[]> line) {
    if (isSent(line)) {
      written.incrementAndGet();
      reportDrops();
    } else {
      drop(1);
    }
  }

  /** Whether a line was put together and sent. Never throws. */
  private boolean isSent(Supplier<byte[]> line) {
    try {
      return isSent(line.get());
    } catch (Throwable unwritable) { // a line, or a target, of a kind that we did not think of
      outage.failed(target.toString(), unwritable);
      return false;
    }
  }

  /** Sends a line, again and again where that may help, until this is closed. */
  private boolean isSent(byte[] line) {
    while (true) {
      try {
        target.write(line);
        outage.worked();
        return true;
      } catch (IOException failure) {
        outage.failed(target.toString(), failure);
        if (!target.isWorthRepeating() || !hasPaused()) {
          return false;
        }
      }
    }
  }

  /** Waits before another attempt; false if this is closed, so that there is none. */
  private boolean hasPaused() {
    long end = System.nanoTime() + BETWEEN_ATTEMPTS;
    lock.lock();
    try {
      for (long left = BETWEEN_ATTEMPTS; left > 0 && !isClosing; left = end - System.nanoTime()) {
        try {
          changed.awaitNanos(left);
        } catch (InterruptedException lookAgain) {
          // As above.
        }
      }
      return !isClosing;
    } finally {
      lock.unlock();
    }
  }

  private void reportDrops() {
    long lost = dropped.get();
    if (lost == reported || (!isEmpty() && System.nanoTime() - lastReport < BETWEEN_REPORTS)) {
      return;
    }
    lastReport = System.nanoTime();
    long unreported = lost - reported;
    if (isSent(() -> dropReport.apply(unreported))) {
      reported = lost;
    }
  }

  private boolean isEmpty() {
    lock.lock();
    try {
      return waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private static long nanos(Duration time) {
    return (time.compareTo(LONGEST_WAIT) < 0 ? time : LONGEST_WAIT).toNanos();
  }

  /** Waits until all lines so far are written or lost; false if that takes longer. */
  boolean flush(Duration within) {
    lock.lock();
    try {
      long last = accepted;
      long left = nanos(within);
      while (finished < last) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more lines, and waits for those that it has. What is left then is dropped. */
  void close(Duration within) {
    int lost;
    lock.lock();
    try {
      isClosing = true;
      changed.signalAll();
      awaitEnd(within);
      lost = waiting.size();
      finished += lost;
      waiting.clear();
      if (thread != null) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
    if (lost > 0) {
      dropped.addAndGet(lost);
      background.atLast(() -> logLost(lost));
    }
  }

  private void logLost(int lost) {
    log.warn("{} lines for CloudWatch are lost, since {} took none in time", lost, target);
  }

  private void awaitEnd(Duration within) {
    try {
      long left = nanos(within);
      while (thread != null && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lines that wait, the one that is being written included. */
  long pending() {
    lock.lock();
    try {
      return (long) waiting.size() + (hasOneInHand ? 1 : 0);
    } finally {
      lock.unlock();
    }
  }

  /** Lines of events that the target took. */
  long written() {
    return written.get();
  }

  /** Lines that were not written, or may not have been. */
  long dropped() {
    return dropped.get();
  }
}
