// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which failures of a series are worth a line in the log: the first, with its stack trace, then one
 * line each half minute with the number of failures, and one when it works again. Thread-safe.
 */
final class Outage {
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

  /** After so long without a failure, the next one begins a new outage, whatever it is about. */
  private static final long QUIET = TimeUnit.MINUTES.toNanos(10);

  private long lastLine;
  private boolean hasLine;
  private long sinceLine;
  private long failures;

  /** Whether a line said that it began, and none that it ended. */
  private volatile boolean announced;

  /**
   * A line to log.
   *
   * @param failures how many there were since the last line, this one included
   * @param seconds how long ago that line was; zero for the first
   * @param isFirst whether it begins an outage, and has the stack trace
   */
  record Line(long failures, long seconds, boolean isFirst) {}

  /**
   * Counts a failure.
   *
   * @param nowNanos elapsed nanoseconds
   * @return the line to log about it; null if there is none
   */
  synchronized @Nullable Line failed(long nowNanos) {
    failures++;
    sinceLine++;
    if (hasLine && nowNanos - lastLine < PAUSE) {
      return null;
    }
    long seconds = hasLine ? TimeUnit.NANOSECONDS.toSeconds(nowNanos - lastLine) : 0;
    announced &= nowNanos - lastLine < QUIET;
    Line line = new Line(sinceLine, seconds, !announced);
    hasLine = true;
    lastLine = nowNanos;
    sinceLine = 0;
    announced = true;
    return line;
  }

  /**
   * Notes that it works.
   *
   * @return how many failures there were, if a line is due that says it works again; else zero
   */
  long worked() {
    return announced ? ended() : 0;
  }

  private synchronized long ended() {
    if (!announced) {
      return 0;
    }
    announced = false;
    long count = failures;
    failures = 0;
    sinceLine = 0;
    return count;
  }
}
