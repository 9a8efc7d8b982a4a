// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import java.math.RoundingMode;

/** What a call counts in a budget's unit. Thread-safe. */
final class Counting {
  private final PriceBook prices;

  Counting(PriceBook prices) {
    this.prices = prices;
  }

  /** The cost a budget counts: a conservative one, if it asks for that and the cost is unknown. */
  Cost costFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return cost instanceof Cost.Unknown && budget.unknownPrice() == Budget.UnknownPrice.CONSERVATIVE
        ? prices.conservativeCostOf(call.pricing(), usage)
        : cost;
  }

  /**
   * The cost a budget charges once usage is known: what has a price exactly, and a meter without
   * one at the highest rate that the book knows, unless the budget charges the known part alone. A
   * cost that is unknown because a count is missing stays so.
   */
  Cost settledFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    if (!(cost instanceof Cost.Unknown) || budget.unknownPrice() == Budget.UnknownPrice.ALLOW) {
      return cost;
    }
    if (budget.unknownPrice() == Budget.UnknownPrice.DENY
        && call.estimatedCost() instanceof Cost.Unknown) {
      return cost; // the call was let in by a budget that only observes
    }
    Cost upper = prices.conservativeCostOf(call.pricing(), usage);
    return upper instanceof Cost.Known
            && prices.costOf(call.pricing(), usage) instanceof Cost.Unknown
        ? upper
        : cost;
  }

  /** What a budget would hold for a call with this usage and cost, in its units. */
  long unitsFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return units(budget.limit().unit(), usage, costFor(budget, call, usage, cost), 0);
  }

  /** What a budget would hold for a call. */
  Amount requested(Budget budget, MeteredCall call) {
    return new Amount(
        unitsFor(budget, call, call.estimate(), call.estimatedCost()), budget.limit().unit());
  }

  /** What a call counts in one unit; {@code atLeast} where its cost is unknown. */
  static long units(Unit unit, Usage usage, Cost cost, long atLeast) {
    return switch (unit) {
      case REQUESTS -> 1;
      case TOKENS -> usage.totalTokens();
      case NANO_USD ->
          cost instanceof Cost.Known known
              ? known.nanoUsd()
              : Math.max(
                  atLeast,
                  cost.atLeastUsd()
                      .setScale(9, RoundingMode.CEILING)
                      .unscaledValue()
                      .longValueExact());
    };
  }
}
