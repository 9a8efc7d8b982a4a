// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The holds of a caller who waits for slices. Guarded by the lock of its ledger. */
final class WaitingHold {
  final List<Hold> holds;
  final List<Shortfall> overruns = new ArrayList<>(0);

  /** Not to be completed under the lock. */
  final CompletableFuture<HoldResult> answer = new CompletableFuture<>();

  /** How often slices for these holds were refused. */
  int round;

  WaitingHold(List<Hold> holds) {
    this.holds = holds;
  }
}
