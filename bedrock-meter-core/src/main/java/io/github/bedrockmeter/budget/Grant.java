// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import java.time.Instant;
import java.util.Objects;

/**
 * More than the limit, for a while: extra 50 dollars for team search until Friday. In each window
 * that it overlaps, the limit is higher by that much until the instant; what was spent of it stays
 * spent. Immutable and thread-safe.
 *
 * @param scope whose limit, as {@code team=search}; empty where the budget has only one balance
 * @param extra how much more, in the budget's unit
 * @param until the first instant at which it is no longer granted; {@link Instant#MAX} if it stays
 * @param reason why, for those who read the events
 */
public record Grant(String scope, Amount extra, Instant until, String reason) {
  public Grant {
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(extra, "extra");
    Objects.requireNonNull(until, "until");
    checkedReason(reason);
  }

  static String checkedReason(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("say why, for those who will ask later");
    }
    return reason;
  }
}
