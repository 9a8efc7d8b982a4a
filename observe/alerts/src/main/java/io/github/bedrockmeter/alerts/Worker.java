// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.internal.text.OutageLog;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One daemon thread that is started when there is work, and ends when there was none for ten
 * seconds. Thread-safe.
 */
final class Worker {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** After a failure that no one expects, the thread goes on after so long. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Work work;
  private final OutageLog failures;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Thread thread;
  private boolean awake;
  private boolean ending;

  /** What the thread does. */
  interface Work {
    /** Does what is due; returns after how many nanoseconds there is more, or the longest time. */
    long run() throws InterruptedException;

    /** Does what cannot wait, since this is the last time. */
    void end() throws InterruptedException;
  }

  Worker(Work work, OutageLog failures) {
    this.work = work;
    this.failures = failures;
  }

  /** Lets the thread look soon, and starts it if there is none. Blocks for no work. */
  void wake() {
    lock.lock();
    try {
      awake = true;
      if (thread == null && !ending) {
        start();
      } else {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void start() {
    // It inherits no thread-local values of the call that happened to need it.
    Thread made = new Thread(null, this::loop, "bedrock-meter-alerts", 0, false);
    made.setDaemon(true);
    made.setContextClassLoader(Worker.class.getClassLoader());
    made.start();
    thread = made;
  }

  private void loop() {
    while (goesOn()) {
      // It has done what was due, and waited for more.
    }
  }

  /** Does what is due, and waits for more. Returns whether there may be more. */
  private boolean goesOn() {
    try {
      long wait = run();
      lock.lockInterruptibly();
      try {
        if (!ending && !waited(wait)) {
          thread = null;
          return false;
        }
        if (!ending) {
          return true;
        }
      } finally {
        lock.unlock();
      }
      work.end();
    } catch (InterruptedException interrupted) {
      lock.lock();
      try {
        if (!ending) {
          return true; // someone else's interrupt, which the exception has cleared
        }
      } finally {
        lock.unlock();
      }
    } catch (Throwable failure) { // of the end
      failures.failed("at the end", failure);
    }
    lock.lock();
    try {
      thread = null;
    } finally {
      lock.unlock();
    }
    return false;
  }

  /** Waits until there is work; false if there was none for so long that the thread may end. */
  private boolean waited(long wait) throws InterruptedException {
    boolean isIdle = wait == Long.MAX_VALUE;
    long left = isIdle ? IDLE_NANOS : wait;
    while (!awake && !ending && left > 0) {
      left = changed.awaitNanos(left);
    }
    boolean goesOn = awake || ending || !isIdle;
    awake = false;
    return goesOn;
  }

  private long run() throws InterruptedException {
    try {
      return work.run();
    } catch (RuntimeException | Error failure) {
      failures.failed("it goes on in a second", failure);
      return PAUSE_NANOS;
    }
  }

  /**
   * Ends the thread after it has done what cannot wait. Waits so long, then interrupts it.
   *
   * @return whether it has ended
   */
  boolean end(Duration time) {
    Thread ended;
    lock.lock();
    try {
      if (ending) {
        return thread == null;
      }
      if (thread == null) {
        start(); // there may be something that no thread has looked at
      }
      ending = true;
      changed.signal();
      ended = thread;
    } finally {
      lock.unlock();
    }
    return ended == null || joined(ended, time);
  }

  private static boolean joined(Thread ended, Duration time) {
    try {
      ended.join(Math.max(1, time.toMillis()));
      if (ended.isAlive()) {
        ended.interrupt();
        ended.join(1_000);
      }
    } catch (InterruptedException interrupted) {
      ended.interrupt();
      Thread.currentThread().interrupt();
    }
    return !ended.isAlive();
  }
}
