// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

/**
 * How many calls a second callers get from a store, of whom each waits for one call before it makes
 * the next. Worked out from two measurements; what lies between them is predicted. Immutable.
 *
 * @param alone calls a second of one caller, who never waits for another
 * @param many how many callers there were in the second measurement
 * @param most calls a second of so many
 * @param together whether requests that came while one was under way go together in the next, as
 *     they do to a database; else each is served in turn, as by a Redis
 */
record ScaleModel(double alone, int many, double most, boolean together) {

  /** Calls a second of so many callers. */
  double callsPerSecond(int callers) {
    return together ? ofRounds(callers) : ofQueue(callers);
  }

  /**
   * A caller waits for the round under way and for its own. Beside that, a round takes longer for
   * each call that is in it.
   */
  private double ofRounds(int callers) {
    double twoRounds = 2 / alone;
    double each = Math.max(0, many / most - twoRounds) / many;
    return callers == 1 ? alone : callers / (twoRounds + callers * each);
  }

  /**
   * Mean value analysis of one queue, one caller after the other joining it: what a caller meets is
   * what is there on average without it.
   */
  private double ofQueue(int callers) {
    double inStore = 1 / most;
    double away = Math.max(0, 1 / alone - inStore);
    double queued = 0;
    double rate = 0;
    for (int n = 1; n <= callers; n++) {
      double served = inStore * (1 + queued);
      rate = n / (served + away);
      queued = rate * served;
    }
    return rate;
  }

  /** How many such stores so many calls a second need, each at seven tenths of what it carried. */
  long stores(double callsPerSecond) {
    return (long) Math.max(1, Math.ceil(callsPerSecond / (0.7 * most)));
  }

  /**
   * Calls a second, as a store sees them, of processes that hold slices on it. What a slice costs
   * does not depend on how many calls are served from it.
   *
   * @param requestsPerSecond requests that one process sends for one account, as measured
   * @param accounts how many accounts a process uses at a time
   */
  static double leased(long processes, double requestsPerSecond, int accounts) {
    return processes * requestsPerSecond * accounts / 2; // a call is two requests
  }
}
