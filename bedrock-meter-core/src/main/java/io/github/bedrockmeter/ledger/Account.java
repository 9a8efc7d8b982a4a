// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Instant;
import java.util.Objects;

/**
 * The name of one balance: a budget, whose share of it, and in which window. The window is part of
 * the name, so nothing is ever reset: a new window is a new account. Immutable and thread-safe.
 *
 * @param budget the budget's name
 * @param unit what the balance counts
 * @param scope whose balance, as {@code team=search}; empty where the budget has only one
 * @param start the first instant of the window; {@link Instant#EPOCH} for a lifetime
 * @param end the first instant after the window; {@link Instant#MAX} for a lifetime
 */
public record Account(String budget, Unit unit, String scope, Instant start, Instant end) {
  public Account {
    Objects.requireNonNull(budget, "budget");
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(scope, "scope");
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException("window ends at " + end + ", not after " + start);
    }
  }
}
