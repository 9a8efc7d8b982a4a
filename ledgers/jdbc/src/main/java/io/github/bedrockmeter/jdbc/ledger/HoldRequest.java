// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;

/**
 * The holds of one call, and whether an attempt to take them may still be under way. Thread-safe.
 */
final class HoldRequest {
  private final List<Hold> holds;
  private volatile boolean inDoubt;
  private volatile long inDoubtNanos;

  HoldRequest(List<Hold> holds) {
    this.holds = holds;
  }

  List<Hold> holds() {
    return holds;
  }

  /**
   * An attempt failed. Where the connection broke, the server may know nothing of it, and goes on
   * with the statement until that gives up.
   */
  void failed(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null || state.startsWith("08") || state.startsWith("57")) {
      inDoubtNanos = System.nanoTime();
      inDoubt = true;
    }
  }

  /**
   * The same result, unless it is a refusal that an earlier attempt, still under way, could turn
   * into holds that no call would ever end.
   *
   * @param givesUpAfter how long a statement goes on at most
   * @throws SQLTransientException to be asked again
   */
  HoldResult certain(HoldResult result, Duration givesUpAfter) throws SQLException {
    if (result instanceof HoldResult.Refused
        && inDoubt
        && System.nanoTime() - inDoubtNanos < givesUpAfter.toNanos()) {
      throw new SQLTransientException("an earlier attempt may still be under way");
    }
    return result;
  }
}
