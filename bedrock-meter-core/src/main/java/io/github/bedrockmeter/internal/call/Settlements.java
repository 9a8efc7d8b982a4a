// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.internal.text.Log;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/** The settlements of calls that have begun and have not ended. Thread-safe. */
final class Settlements {
  private static final Log log = Log.to(LoggerFactory.getLogger(Settlements.class));

  private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();
  private final LongAdder failed = new LongAdder();

  /** Remembers a settlement until it has ended. */
  @SuppressWarnings("CollectionUndefinedEquality") // identity is meant: each is its own settlement
  void add(CompletableFuture<?> settlement) {
    if (!settlement.isDone()) {
      pending.add(settlement);
      settlement.whenComplete((done, failure) -> pending.remove(settlement));
    }
  }

  /** Counts a settlement that failed for good. */
  void failed() {
    failed.increment();
  }

  /** How many have begun and have not ended. */
  int pending() {
    return pending.size();
  }

  /** How many failed for good. */
  long failures() {
    return failed.sum();
  }

  /** Waits until the settlements that have begun have ended, at most so long. */
  boolean await(Duration atMost) {
    CompletableFuture<?>[] begun = pending.toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(begun).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException reportedAlready) {
      return true;
    } catch (TimeoutException late) {
      log.warn("{} settlements had not ended after {}", pending.size(), atMost);
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
