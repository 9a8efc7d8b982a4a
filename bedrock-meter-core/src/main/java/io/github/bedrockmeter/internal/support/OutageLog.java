// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.internal.text.Outage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs failures that may come with every call: the first with its stack trace, then one line each
 * half minute with their number, and one line when it works again. Thread-safe; never throws.
 */
public final class OutageLog {
  private final Logger log;
  private final String what;
  private final LongSupplier nanoClock;
  private final Outage outage = new Outage();

  /**
   * A log of one kind of failure.
   *
   * @param what what happens because of it, as the beginning of a line
   * @param nanoClock elapsed nanoseconds
   */
  public OutageLog(Logger log, String what, LongSupplier nanoClock) {
    this.log = log;
    this.what = what;
    this.nanoClock = nanoClock;
  }

  /** Counts a failure, and logs it if a line is due. */
  public void failed(String subject, @Nullable Throwable cause) {
    try {
      Outage.Line line = outage.failed(nanoTime());
      if (line == null) {
        return;
      }
      if (line.isFirst()) {
        log.warn("{}: {}", what, subject, Printable.of(cause));
      } else {
        log.warn(
            "{}: {} more times since the last line; the last was {}{}",
            what,
            line.failures(),
            subject,
            cause == null ? "" : ": " + Printable.message(cause));
      }
    } catch (Throwable unlogged) {
      // A log that fails must not decide about a call.
    }
  }

  /** Elapsed time; a broken clock keeps it still, so that the log stays short. */
  private long nanoTime() {
    try {
      return nanoClock.getAsLong();
    } catch (Throwable broken) {
      return 0;
    }
  }

  /** Notes that it works, and logs it if that is news. */
  public void worked() {
    long failures = outage.worked();
    if (failures != 0) {
      try {
        log.info("{}: over after {} failures", what, failures);
      } catch (Throwable unlogged) {
        // As above.
      }
    }
  }
}
