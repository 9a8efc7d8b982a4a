// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Hold;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Gives holds back that no call uses. Stateless. */
final class HoldReturns {
  private static final Log log = Log.to(LoggerFactory.getLogger(HoldReturns.class));
  private static final OutageLog NOT_RETURNED =
      new OutageLog(log, "Holds that a call does not need could not be given back");

  private HoldReturns() {}

  /** Starts to give holds back, and does not wait. Never throws. */
  static void release(List<Hold> holds, HoldSettlements settlements, MeteredCall call) {
    try {
      settlements
          .release(holds, call)
          .whenComplete(
              (done, unsettled) -> {
                if (unsettled != null) {
                  notGivenBack(holds, call, unsettled);
                }
              });
    } catch (Throwable unsettled) {
      notGivenBack(holds, call, unsettled);
    }
  }

  private static void notGivenBack(List<Hold> holds, MeteredCall call, Throwable failure) {
    NOT_RETURNED.failed("call " + call.id() + ", " + holds, failure);
  }
}
