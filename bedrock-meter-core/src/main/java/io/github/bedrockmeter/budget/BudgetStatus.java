// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.ledger.Balance;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where one balance of a budget stands in its current window. Immutable and thread-safe.
 *
 * @param budget the budget
 * @param balance what is settled and held, and in whose account
 * @param limit what the balance may reach now, its own limit and grants included
 * @param mode whether the budget denies, only reports, or only counts
 * @param frozen why its calls are denied whatever is left; null if they are not
 * @param at when it stood so, by the meter's clock
 */
public record BudgetStatus(
    Budget budget,
    Balance balance,
    Amount limit,
    Budget.Mode mode,
    @Nullable String frozen,
    Instant at) {

  /** What finished calls were charged. */
  public Amount settled() {
    return amount(balance.settled());
  }

  /** What calls in flight have set aside. */
  public Amount held() {
    return amount(balance.held());
  }

  /**
   * The part of {@link #held} that is older than the ledger's {@code abandonAfter}: its process has
   * probably ended.
   */
  public Amount abandoned() {
    return amount(balance.abandoned());
  }

  /** What is left; zero if the account is in debt. */
  public Amount available() {
    return amount(Math.max(0, balance.available(limit.units())));
  }

  /** Whose balance it is, as {@code tenant=acme}; empty where the budget has only one. */
  public String scope() {
    return balance.account().scope();
  }

  /** When the window ends; null if it never does. */
  public @Nullable Instant windowEnd() {
    return balance.account().isForever() ? null : balance.account().end();
  }

  /**
   * What will have been settled when the window ends, if spending goes on as it did since the
   * window began; null where the window never ends, or has only just begun.
   */
  public @Nullable Amount forecast() {
    Instant end = windowEnd();
    Long settled =
        end == null
            ? null
            : Forecast.settledAt(end, balance.account().start(), at, balance.settled());
    return settled == null ? null : amount(settled);
  }

  private Amount amount(long units) {
    return new Amount(units, budget.limit().unit());
  }
}
