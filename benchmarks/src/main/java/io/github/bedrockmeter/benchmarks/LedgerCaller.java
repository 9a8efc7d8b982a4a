// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

/** Takes and settles the holds of calls, each of which has an id of its own. Thread-safe. */
interface LedgerCaller {

  /** Takes the holds of one call and waits for the answer. */
  void hold(String id) throws Exception;

  /** Settles the holds of one call and waits for the answer. */
  void settle(String id) throws Exception;
}
