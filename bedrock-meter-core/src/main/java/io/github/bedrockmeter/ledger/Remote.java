// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The remote ledger behind leases. No method throws or blocks. Immutable and thread-safe.
 *
 * @param answerTime how long an answer may take before it counts as lost
 */
record Remote(Ledger ledger, Duration answerTime) {

  CompletableFuture<HoldResult> hold(List<Hold> holds) {
    return LedgerSupport.answer(() -> ledger.hold(holds));
  }

  CompletableFuture<List<Settled>> settle(Hold hold, long actual) {
    return LedgerSupport.answer(() -> ledger.settle(List.of(hold), new long[] {actual}));
  }

  CompletableFuture<List<Settled>> giveBack(List<Hold> holds) {
    return LedgerSupport.giveBack(ledger, holds);
  }

  /** An answer that fails if there is none in time; the answer itself may still come. */
  <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
    return LedgerSupport.inTime(answer, answerTime, "the shared ledger");
  }
}
