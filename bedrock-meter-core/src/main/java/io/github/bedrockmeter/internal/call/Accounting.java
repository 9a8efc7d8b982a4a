// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.support.Listeners;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a call needs to end: prices, listeners, settlements under way, elapsed time. Thread-safe.
 */
record Accounting(
    EstimatedCosts costs, Listeners listeners, Settlements settlements, LongSupplier nanoClock) {
  private static final Logger log = LoggerFactory.getLogger(Accounting.class);

  /** Elapsed time's clock; zero if it is broken, since a call must not end for that. */
  long nanoTime() {
    try {
      return nanoClock.getAsLong();
    } catch (Throwable failure) {
      log.warn("The nano clock failed", failure);
      return 0;
    }
  }
}
