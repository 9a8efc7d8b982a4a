// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.internal.text.Escaped;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name of one balance: budget, unit, scope and window. The window is part of the name, so
 * nothing is ever reset: a new window is a new account. Two accounts are equal only if {@code idle}
 * is too. Immutable and thread-safe.
 *
 * @param budget the budget's name
 * @param unit what the balance counts
 * @param scope whose balance it is, for example {@code team=search}; empty where the budget has
 *     only one
 * @param start the first instant of the window; {@link Instant#EPOCH} for a lifetime
 * @param end the first instant after the window; {@link Instant#MAX} for a lifetime
 * @param idle how long after its last use, when nothing is held, the account is forgotten; null if
 *     only its window's end ends it
 */
public record Account(
    String budget, Unit unit, String scope, Instant start, Instant end, @Nullable Duration idle) {
  public Account {
    Objects.requireNonNull(budget, "budget");
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(scope, "scope");
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException(
          "end must be after start: start " + start + ", end " + end);
    }
    if (idle != null && (idle.isNegative() || idle.isZero())) {
      throw new IllegalArgumentException("idle must be positive, for example PT30M: " + idle);
    }
  }

  /** An account that ends with its window. */
  public Account(String budget, Unit unit, String scope, Instant start, Instant end) {
    this(budget, unit, scope, start, end, null);
  }

  // Written out, since what a record has by default is linked when a program's first call is made.

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Account that
            && unit == that.unit
            && scope.equals(that.scope)
            && budget.equals(that.budget)
            && start.equals(that.start)
            && end.equals(that.end)
            && Objects.equals(idle, that.idle));
  }

  @Override
  public int hashCode() {
    return (31 * scope.hashCode() + budget.hashCode()) * 31 + start.hashCode();
  }

  /** For messages: names from outside are escaped. */
  @Override
  public String toString() {
    return Escaped.text(budget)
        + (scope.isEmpty() ? "" : " " + Escaped.text(scope))
        + " in "
        + unit
        + (isForever() ? "" : " from " + start + " to " + end);
  }

  /** Whether its window never ends. */
  public boolean isForever() {
    return end.equals(Instant.MAX);
  }
}
