// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.price.Cost;
import java.math.BigDecimal;

/**
 * How many calls there were, and what they cost. Immutable and thread-safe.
 *
 * @param calls how many
 * @param usd the exact sum of what is certain of each, in US dollars
 * @param unpriced how many of them have a cost that is not known, or not wholly
 */
record Spending(long calls, BigDecimal usd, long unpriced) {
  static final Spending NONE = new Spending(0, BigDecimal.ZERO, 0);

  /** A call that was sent. */
  static Spending of(Cost cost) {
    return new Spending(1, cost.atLeastUsd(), cost.usd().isPresent() ? 0 : 1);
  }

  /** A call that was not sent. */
  static Spending denial() {
    return new Spending(1, BigDecimal.ZERO, 0);
  }

  Spending plus(Spending other) {
    return new Spending(calls + other.calls, usd.add(other.usd), unpriced + other.unpriced);
  }

  /** As {@code $0.42}; of calls without a price {@code at least $0.42}, or {@code unknown}. */
  String cost() {
    if (unpriced > 0 && usd.signum() == 0) {
      return "unknown";
    }
    BigDecimal amount = usd.signum() == 0 ? BigDecimal.ZERO : usd.stripTrailingZeros();
    String dollars = "$" + (amount.scale() < 2 ? amount.setScale(2) : amount).toPlainString();
    return unpriced > 0 ? "at least " + dollars : dollars;
  }
}
