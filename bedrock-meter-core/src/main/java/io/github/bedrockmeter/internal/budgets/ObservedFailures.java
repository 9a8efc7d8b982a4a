// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What fails about budgets that stop no call now, since they observe or shadow: each kind of
 * failure of each budget is logged, and a budget in SHADOW reports the denial that there would have
 * been. Thread-safe; never throws.
 */
final class ObservedFailures {
  private static final Log log = Log.to(LoggerFactory.getLogger(ObservedFailures.class));
  private static final int MOST_LOGS = 1_000;
  private static final String LEDGER = "ledger";

  private final ShadowDenials shadows;
  private final LongSupplier nanoClock;
  private final Map<String, OutageLog> logs = new ConcurrentHashMap<>();

  ObservedFailures(ShadowDenials shadows, LongSupplier nanoClock) {
    this.shadows = shadows;
    this.nanoClock = nanoClock;
  }

  /** A filter, a limit or a price failed, so that the budget does not count the call. */
  void undecided(String budget, Budget.Mode mode, MeteredCall call, Throwable failure) {
    report(budget, mode, "settings", call, Denials.undecided(budget, failure), failure);
  }

  /** The ledger did not take the holds of budgets, which do not count the call. */
  void unavailable(Roster now, MeteredCall call, List<Hold> holds, Throwable failure) {
    for (Hold hold : holds) {
      Denied denied = Denials.unavailable(hold.account(), failure);
      report(denied.budget(), modeOf(now, hold), LEDGER, call, denied, failure);
    }
  }

  /** The ledger has no room for the accounts of budgets, which do not count the call. */
  void full(Roster now, MeteredCall call, List<Hold> holds, HoldResult.Full full) {
    for (Hold hold : holds) {
      Denied denied = Denials.full(full, hold.account());
      report(denied.budget(), modeOf(now, hold), "full", call, denied, null);
    }
  }

  private static Budget.Mode modeOf(Roster now, Hold hold) {
    BudgetAccounts accounts = now.byName.get(hold.account().budget());
    return accounts == null ? Budget.Mode.OBSERVE : accounts.mode();
  }

  private void report(
      String budget,
      Budget.Mode mode,
      String kind,
      MeteredCall call,
      Denied denied,
      @Nullable Throwable failure) {
    try {
      OutageLog known = logs.get(budget + '/' + kind);
      if (known == null && logs.size() < MOST_LOGS) {
        known =
            logs.computeIfAbsent(
                budget + '/' + kind,
                key ->
                    new OutageLog(
                        log,
                        "Budget '"
                            + Escaped.text(budget)
                            + "' stops no call now, and does not count those",
                        nanoClock));
      }
      if (known != null) {
        known.failed("call " + call.id() + ", " + denied.reason(), failure);
      }
      if (mode == Budget.Mode.SHADOW) {
        shadows.report(call, denied);
      }
    } catch (Throwable unreported) {
      // Too little stack or memory is left to say so; the call passes all the same.
    }
  }

  /** Notes that the ledger took holds. */
  void worked(List<Hold> holds) {
    if (logs.isEmpty()) {
      return;
    }
    for (Hold hold : holds) {
      OutageLog known = logs.get(hold.account().budget() + '/' + LEDGER);
      if (known != null) {
        known.worked();
      }
    }
  }
}
