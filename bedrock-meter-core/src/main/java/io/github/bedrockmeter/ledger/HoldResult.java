// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.List;

/** A ledger's answer to a list of holds: all of them were taken, or none. */
public sealed interface HoldResult {

  /** Every hold was taken and none went over its limit. */
  Held CLEAN = new Held(List.of());

  /**
   * Every hold was taken.
   *
   * @param overruns holds that went over their limit, which only those that are not enforced can
   */
  record Held(List<Shortfall> overruns) implements HoldResult {
    public Held {
      overruns = List.copyOf(overruns);
    }
  }

  /**
   * No hold was taken, because some account has too little left.
   *
   * @param shortfalls every enforced hold that did not fit, in the order they were asked for
   */
  record Refused(List<Shortfall> shortfalls) implements HoldResult {
    public Refused {
      if (shortfalls.isEmpty()) {
        throw new IllegalArgumentException("a refusal names at least one shortfall");
      }
      shortfalls = List.copyOf(shortfalls);
    }
  }

  /**
   * No hold was taken, because the ledger has no room for another account.
   *
   * @param reason what is full and what to do
   */
  record Full(String reason) implements HoldResult {}

  /**
   * A hold that did not fit.
   *
   * @param hold what was asked for
   * @param available what was left in its account at that moment; negative if it is in debt
   */
  record Shortfall(Hold hold, long available) {}
}
