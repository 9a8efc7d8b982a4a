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
   * Takes a step in. Two steps of one hold become one if nobody stepped between them.
   *
   * @return whether the step is told by this answer
   */
  boolean tell(int at, Settled step) {
    Settled known = steps[at];
    if (known == null || known.before() == known.after()) {
      steps[at] = step;
      return true;
    }
    if (known.after() == step.before()) {
      steps[at] = new Settled(known.account(), known.before(), step.after());
      return true;
    }
    return step.before() == step.after();
  }

  /** One awaited step has come, or never will; answers whether it was the last. */
  boolean arrived() {
    return --awaited == 0;
  }

  /** What the caller gets. */
  CompletionStage<List<Settled>> answer() {
    return later == null ? CompletableFuture.completedFuture(told()) : later;
  }

  /** Answers a caller who waits. Not to be called under the lock. */
  void complete() {
    if (later != null) {
      later.complete(told());
    }
  }

  /** Tells a caller who waits that the remote ledger failed. Not to be called under the lock. */
  void fail(Throwable failure) {
    if (later != null) {
      later.completeExceptionally(failure);
    }
  }

  private List<Settled> told() {
    Settled[] told = new Settled[steps.length];
    for (int i = 0; i < told.length; i++) {
      Settled step = steps[i];
      told[i] = step != null ? step : new Settled(holds.get(i).account(), 0, 0);
    }
    return Arrays.asList(told);
  }
}
