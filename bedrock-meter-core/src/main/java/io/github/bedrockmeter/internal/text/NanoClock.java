// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.function.LongSupplier;

/**
 * Elapsed time by a clock of the application's, which may be broken: time then stands still at
 * zero, since no call may fail for that. Thread-safe.
 */
record NanoClock(LongSupplier clock) {

  /** Nanoseconds from any origin. Never throws. */
  long nanoTime() {
    try {
      return clock.getAsLong();
    } catch (Throwable broken) {
      return 0;
    }
  }
}
