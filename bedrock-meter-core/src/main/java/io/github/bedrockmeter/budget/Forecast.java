// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where a balance will stand if spending goes on as it did. Stateless. */
final class Forecast {
  private Forecast() {}

  /**
   * What will have been settled at the end of a window, rounded up to a whole unit; null where the
   * window has only just begun.
   *
   * @param start the window's first instant
   * @param now when {@code settled} units had been settled
   */
  static @Nullable Long settledAt(Instant end, Instant start, Instant now, long settled) {
    BigInteger elapsed = millis(start, now.isAfter(end) ? end : now);
    if (elapsed.signum() <= 0) {
      return null;
    }
    BigInteger projected =
        BigInteger.valueOf(settled)
            .multiply(millis(start, end))
            .add(elapsed.subtract(BigInteger.ONE))
            .divide(elapsed);
    return projected.bitLength() > 63 ? Long.MAX_VALUE : projected.longValue();
  }

  private static BigInteger millis(Instant from, Instant to) {
    return BigInteger.valueOf(Duration.between(from, to).toMillis());
  }
}
