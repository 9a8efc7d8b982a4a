// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs failures that may come with every call: the first with its stack trace, then one line each
 * half minute with their number, and one line when it works again. Thread-safe; never throws.
 */
public final class OutageLog {
  private final Log log;
  private final String what;
  private final NanoClock clock;
  private final Outage outage = new Outage();

  /**
   * A log of one kind of failure.
   *
   * @param what what happens because of it, as the beginning of a line
   * @param nanoClock elapsed nanoseconds
   */
  public OutageLog(Log log, String what, LongSupplier nanoClock) {
    this.log = log;
    this.what = what;
    this.clock = new NanoClock(nanoClock);
  }

  /** As {@link #OutageLog(Log, String, LongSupplier)}, by the JVM's own elapsed time. */
  public OutageLog(Log log, String what) {
    this(log, what, System::nanoTime);
  }

  /**
   * Counts a failure, and logs it if a line is due.
   *
   * @param subject what it happened to, as {@code call 7f3a}
   */
  public void failed(String subject, @Nullable Throwable cause) {
    try {
      Outage.Line line = outage.failed(clock.nanoTime());
      if (line == null) {
        return;
      }
      if (line.isFirst()) {
        log.warn("{}: {}", what, subject, cause);
      } else {
        log.warn(
            "{}: {} times in the last {} s; the last was {}{}",
            what,
            String.format(Locale.ROOT, "%,d", line.failures()),
            line.seconds(),
            subject,
            cause == null ? "" : ": " + Printable.message(cause));
      }
    } catch (Throwable unlogged) {
      // A log that fails must not decide about a call.
    }
  }

  /** Notes that it works, and logs it if that is news. */
  public void worked() {
    long failures = outage.worked();
    if (failures != 0) {
      log.info("{}: over after {} failures", what, failures);
    }
  }
}
