// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes to the log on a thread of its own, which ends at once when it has nothing to do: where the
 * standard output is stuck, the application's log often is too, and no call may wait for that. What
 * comes while the log is stuck is left out. Thread-safe; never throws.
 */
final class BackgroundLog {
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

  private final AtomicLong last = new AtomicLong(System.nanoTime() - PAUSE);
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0,
          1,
          1,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          BackgroundLog::daemon,
          new ThreadPoolExecutor.DiscardPolicy());

  private static Thread daemon(Runnable work) {
    Thread daemon = new Thread(null, work, "bedrock-meter-cloudwatch-log", 0, false);
    daemon.setDaemon(true);
    return daemon;
  }

  /** Writes a line, unless there was one in the last half minute. */
  void nowAndThen(Runnable line) {
    long now = System.nanoTime();
    long before = last.get();
    if (now - before >= PAUSE && last.compareAndSet(before, now)) {
      try {
        thread.execute(line);
      } catch (Throwable noThread) {
        // There is nothing left to say it with.
      }
    }
  }

  /** Writes a last line, and waits for it, a second at most. */
  void atLast(Runnable line) {
    try {
      thread.execute(line);
      thread.shutdown();
      if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (Throwable noThread) {
      // As above.
    }
  }
}
