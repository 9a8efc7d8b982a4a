// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one settlement of several holds, some of whose steps are known only when the remote
 * ledger has answered. Guarded by the lock of its ledger.
 */
final class Tally {
  private final List<Hold> holds;
  private final @Nullable Settled[] steps;
  private @Nullable CompletableFuture<List<Settled>> later;
  private int awaited;

  Tally(List<Hold> holds) {
    this.holds = holds;
    this.steps = new @Nullable Settled[holds.size()];
  }

  /** Waits for one more step. */
  void await() {
    awaited++;
    if (later == null) {
      later = new CompletableFuture<>();
    }
  }

  /**
   * Adds a step. Two steps of one hold become one if no other settlement came between them.
   *
   * @param at the number of the hold
   * @return whether this answer reports the step
   */
  boolean report(int at, Settled step) {
    Settled known = steps[at];
    if (known == null || known.before() == known.after()) {
      steps[at] = step;
      return true;
    }
    if (known.after() == step.before()) {
      steps[at] =
          new Settled(
              known.account(),
              known.before(),
              step.after(),
              known.withoutHold() || step.withoutHold());
      return true;
    }
    return step.before() == step.after();
  }

  /** One awaited step is there, or never will be. Returns whether it was the last one. */
  boolean arrived() {
    return --awaited == 0;
  }

  /** What the caller of settle gets. */
  CompletionStage<List<Settled>> answer() {
    return later == null ? CompletableFuture.completedFuture(known()) : later;
  }

  /** Completes the answer of a caller who waits. Not to be called under the lock. */
  void complete() {
    if (later != null) {
      later.complete(known());
    }
  }

  /** Fails the answer of a caller who waits. Not to be called under the lock. */
  void fail(Throwable failure) {
    if (later != null) {
      later.completeExceptionally(failure);
    }
  }

  private List<Settled> known() {
    Settled[] all = new Settled[steps.length];
    for (int i = 0; i < all.length; i++) {
      Settled step = steps[i];
      all[i] = step != null ? step : new Settled(holds.get(i).account(), 0, 0);
    }
    return Arrays.asList(all);
  }
}
