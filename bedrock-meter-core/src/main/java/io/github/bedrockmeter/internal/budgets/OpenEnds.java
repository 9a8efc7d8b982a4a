// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import org.jspecify.annotations.Nullable;

/** What a request leaves open about its call, and what a budget makes of it. Stateless. */
final class OpenEnds {
  private static final String MEND =
      "; set it, as in inferenceConfig(c -> c.maxTokens(1000)), or let the budget set it with"
          + " defaultMaxTokens(1000)";

  private OpenEnds() {}

  /** What is assumed of the output of a request that sets no limit on it; null if it sets one. */
  static @Nullable Assumption unlimitedOutput(Usage bound) {
    for (Assumption assumption : bound.assumptions()) {
      if (assumption.kind() != Assumption.Kind.NOT_SHOWN) {
        return assumption;
      }
    }
    return null;
  }

  /** Why a call may need so much, and how to mend that; null if its request sets a limit. */
  static @Nullable String remedy(MeteredCall call) {
    Assumption assumption = unlimitedOutput(call.bound());
    return assumption == null ? null : assumption.why() + MEND;
  }

  /** Why a budget that requires a limit does not take the call; null if it does. */
  static @Nullable String noMaxTokens(Budget budget, MeteredCall call) {
    return budget.requiresMaxTokens() ? remedy(call) : null;
  }

  /** Why a budget that requires a bound does not take the call; null if it does. */
  static @Nullable String noBound(Budget budget, MeteredCall call) {
    Usage estimate = call.estimate();
    if (!budget.requiresBound() || estimate.isBound()) {
      return null;
    }
    Unit unit = budget.limit().unit();
    StringBuilder why = new StringBuilder();
    for (Assumption assumption : estimate.assumptions()) {
      if (!assumption.isBound() && counts(unit, assumption.meter())) {
        why.append(why.isEmpty() ? "" : "; ").append(assumption.why());
      }
    }
    return why.isEmpty() ? null : why.append("; the budget requires a bound").toString();
  }

  private static boolean counts(Unit unit, Meter meter) {
    return switch (unit) {
      case REQUESTS -> false;
      case TOKENS -> meter.countsTokens();
      case NANO_USD -> true;
    };
  }
}
