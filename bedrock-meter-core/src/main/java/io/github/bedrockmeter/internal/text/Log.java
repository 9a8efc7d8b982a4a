// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A logger for our lines. Whatever stands in one is escaped and cut, exceptions included, so that
 * text from outside can neither begin a line of its own nor fill a disk. Thread-safe; never throws:
 * a log that fails decides about no call.
 */
public final class Log {
  private static final int LONGEST = 2_000;

  private final Logger logger;

  private Log(Logger logger) {
    this.logger = logger;
  }

  public static Log to(Logger logger) {
    return new Log(logger);
  }

  /** Whether lines at this level are written; they need not be put together if not. */
  public boolean isInfoEnabled() {
    return logger.isInfoEnabled();
  }

  /**
   * Writes a line.
   *
   * @param line constant, with {@code {}} for each part
   * @param parts what is put in; an exception comes last, and is printed with its stack trace
   */
  public void error(String line, @Nullable Object... parts) {
    try {
      logger.error(line, shown(parts));
    } catch (Throwable unlogged) {
      // There is nothing left to say it with.
    }
  }

  /** As {@link #error}. */
  public void warn(String line, @Nullable Object... parts) {
    try {
      logger.warn(line, shown(parts));
    } catch (Throwable unlogged) {
      // As above.
    }
  }

  /** As {@link #error}. */
  public void info(String line, @Nullable Object... parts) {
    try {
      logger.info(line, shown(parts));
    } catch (Throwable unlogged) {
      // As above.
    }
  }

  /** As {@link #error}. */
  public void debug(String line, @Nullable Object... parts) {
    try {
      if (logger.isDebugEnabled()) {
        logger.debug(line, shown(parts));
      }
    } catch (Throwable unlogged) {
      // As above.
    }
  }

  private static @Nullable Object[] shown(@Nullable Object[] parts) {
    @Nullable Object[] shown = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) {
      shown[i] = shown(parts[i]);
    }
    return shown;
  }

  private static @Nullable Object shown(@Nullable Object part) {
    if (part == null || part instanceof Number) {
      return part;
    }
    return part instanceof Throwable failure
        ? Printable.of(failure)
        : Escaped.text(Printable.text(part), LONGEST);
  }
}
