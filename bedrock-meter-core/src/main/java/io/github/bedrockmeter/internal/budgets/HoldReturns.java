// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.support.Printable;
import io.github.bedrockmeter.ledger.Hold;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives holds back that no call uses. Stateless. */
final class HoldReturns {
  private static final Logger log = LoggerFactory.getLogger(HoldReturns.class);

  private HoldReturns() {}

  /** Starts to give holds back, and does not wait. Never throws. */
  static void release(List<Hold> holds, HoldSettlements settlements, MeteredCall call) {
    try {
      settlements
          .release(holds, call)
          .whenComplete(
              (done, unsettled) -> {
                if (unsettled != null) {
                  notGivenBack(holds, unsettled);
                }
              });
    } catch (Throwable unsettled) {
      notGivenBack(holds, unsettled);
    }
  }

  private static void notGivenBack(List<Hold> holds, Throwable failure) {
    log.warn("Holds of no call could not be given back: {}", holds, Printable.of(failure));
  }
}
