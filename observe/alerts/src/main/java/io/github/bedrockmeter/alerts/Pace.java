// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a balance will be exhausted, if spending goes on as in its window so far. Stateless. */
final class Pace {
  /** Before a twentieth of the window has passed, a rate means little. */
  private static final BigInteger LEAST_TIME = BigInteger.valueOf(20);

  /** Nor does it before a tenth of the limit is settled. */
  private static final BigInteger LEAST_SETTLED = BigInteger.TEN;

  private Pace() {}

  /** When the limit will be settled; null if not before the window ends, or too early to say. */
  static @Nullable Instant goneAt(BudgetStatus status) {
    Account account = status.balance().account();
    BigInteger limit = BigInteger.valueOf(status.limit().units());
    BigInteger settled = BigInteger.valueOf(status.balance().settled());
    if (account.isForever()
        || status.frozen() != null
        || settled.signum() <= 0
        || settled.compareTo(limit) >= 0
        || settled.multiply(LEAST_SETTLED).compareTo(limit) < 0) {
      return null;
    }
    BigInteger elapsed = millis(account.start(), status.at());
    BigInteger window = millis(account.start(), account.end());
    if (elapsed.multiply(LEAST_TIME).compareTo(window) < 0) {
      return null;
    }
    BigInteger needed = elapsed.multiply(limit).divide(settled);
    return needed.compareTo(window) < 0
        ? account.start().plusMillis(needed.longValueExact())
        : null;
  }

  private static BigInteger millis(Instant from, Instant to) {
    return BigInteger.valueOf(Duration.between(from, to).toMillis());
  }
}
