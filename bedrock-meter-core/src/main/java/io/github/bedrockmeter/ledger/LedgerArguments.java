// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.util.List;

/**
 * Checks of what a ledger is given, the same for all ledgers. For authors of ledgers. Each throws
 * an {@link IllegalArgumentException} that names the argument and its value. Thread-safe.
 */
public final class LedgerArguments {
  private LedgerArguments() {}

  /** Checks the holds of {@link Ledger#hold}: each must be on an account of its own. */
  public static void checkHolds(List<Hold> holds) {
    // Calls have a few budgets, so comparing all is quicker than building a set.
    for (int i = 1; i < holds.size(); i++) {
      Account account = holds.get(i).account();
      for (int j = 0; j < i; j++) {
        if (account.equals(holds.get(j).account())) {
          throw new IllegalArgumentException(
              "holds must each be on an account of its own; named twice: " + account);
        }
      }
    }
  }

  /**
   * Checks the arguments of {@link Ledger#settle}: one amount for each hold, and none negative.
   *
   * @param actuals in the unit of each hold's account
   */
  public static void checkSettlement(List<Hold> holds, long[] actuals) {
    if (holds.size() != actuals.length) {
      throw new IllegalArgumentException(
          "actuals must be one for each hold: " + actuals.length + " for " + holds.size());
    }
    for (int i = 0; i < actuals.length; i++) {
      if (actuals[i] < 0) {
        throw new IllegalArgumentException(
            "actuals must not be negative: " + actuals[i] + " for " + holds.get(i));
      }
    }
  }

  /**
   * Checks a setting that is a time; stores count in milliseconds.
   *
   * @param setting the setting's name, for the message
   * @return the time
   */
  public static Duration checkTime(String setting, Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          setting + " must be at least a millisecond, for example PT1H: " + time);
    }
    return time;
  }

  /** Checks the interval of {@link Ledger#leased(Ledger, Duration)}. */
  static Duration checkInterval(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0
        || interval.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          "interval must be between a millisecond and a minute, for example PT1S: " + interval);
    }
    return interval;
  }
}
