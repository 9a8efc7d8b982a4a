// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import java.util.List;

/** What a group of holds is answered. */
final class HoldAnswers {
  private HoldAnswers() {}

  /**
   * The answer to holds of which some are short.
   *
   * @param refused those that are enforced
   * @param overruns the others
   */
  static HoldResult of(List<Shortfall> refused, List<Shortfall> overruns) {
    if (!refused.isEmpty()) {
      return new HoldResult.Refused(refused);
    }
    return overruns.isEmpty() ? HoldResult.CLEAN : new HoldResult.Held(overruns);
  }
}
