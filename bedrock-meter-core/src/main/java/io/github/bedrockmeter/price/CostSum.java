// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import java.math.BigDecimal;
import java.util.Objects;

/**
 * A sum of costs that does not hide the unknown ones: "$1.20", or "at least $1.20, 3 calls
 * unpriced". Immutable and thread-safe.
 *
 * @param atLeastUsd the sum of what is known, in US dollars
 * @param calls how many costs were added
 * @param unpriced how many of them were unknown
 */
public record CostSum(BigDecimal atLeastUsd, long calls, long unpriced) {

  /** The sum of no costs. */
  public static final CostSum NONE = new CostSum(BigDecimal.ZERO, 0, 0);

  public CostSum {
    Objects.requireNonNull(atLeastUsd, "atLeastUsd");
  }

  /** This sum and one cost more. */
  public CostSum plus(Cost cost) {
    return new CostSum(
        atLeastUsd.add(cost.atLeastUsd()),
        calls + 1,
        cost instanceof Cost.Unknown ? unpriced + 1 : unpriced);
  }

  /** Whether every cost was known, so that the sum is exact. */
  public boolean isExact() {
    return unpriced == 0;
  }

  @Override
  public String toString() {
    BigDecimal shown = atLeastUsd.signum() == 0 ? BigDecimal.ZERO : atLeastUsd.stripTrailingZeros();
    String amount = "$" + (shown.scale() < 2 ? shown.setScale(2) : shown).toPlainString();
    if (isExact()) {
      return amount;
    }
    return "at least %s, %d %s unpriced"
        .formatted(amount, unpriced, unpriced == 1 ? "call" : "calls");
  }
}
