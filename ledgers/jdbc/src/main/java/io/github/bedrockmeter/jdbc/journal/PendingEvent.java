// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * An event that is in memory alone. Immutable and thread-safe.
 *
 * @param entry what is kept of it; called again when an attempt to keep it fails, and returns the
 *     same, with the same id
 */
record PendingEvent(Supplier<JournalEntry> entry) {
  private static final Log log = Log.to(LoggerFactory.getLogger(PendingEvent.class));

  /** The event as a file keeps it; null, and a line in the log, if it cannot be written. */
  byte @Nullable [] recordOrNull() {
    try {
      return entry.get().toBytes();
    } catch (RuntimeException | LinkageError | StackOverflowError unwritable) {
      log.error("An event cannot be written and is dropped", unwritable);
      return null;
    }
  }
}
