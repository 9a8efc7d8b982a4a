// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;

/**
 * One line of a cost: a count times a rate. Immutable and thread-safe.
 *
 * @param count units of the rate's meter
 * @param rate the rate that was applied, with its basis and source
 * @param usd their product in US dollars, exact, without trailing zeros
 */
public record CostLine(long count, Rate rate, BigDecimal usd) {

  /** What was counted. */
  public Meter meter() {
    return rate.meter();
  }
}
