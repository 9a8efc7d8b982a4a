// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has replicas confirm what was written. The server serves no other command of the connection while
 * it waits for them, so there is one such wait at a time: what is written meanwhile is confirmed
 * together by the next one. Thread-safe.
 */
final class Replication {
  private final int replicas;
  private final Duration time;
  private final Supplier<CompletionStage<Long>> wait;
  private @Nullable CompletableFuture<Long> next;
  private boolean isWaiting;

  /**
   * Waits for replicas.
   *
   * @param replicas how many must have it
   * @param time how long they have, for the message
   * @param wait sends {@code WAIT}
   */
  Replication(int replicas, Duration time, Supplier<CompletionStage<Long>> wait) {
    this.replicas = replicas;
    this.time = time;
    this.wait = wait;
  }

  /** Completes when replicas have what was written so far; fails if too few have it in time. */
  CompletableFuture<Void> confirmed() {
    CompletableFuture<Long> answer;
    synchronized (this) {
      if (next == null) {
        next = new CompletableFuture<>();
      }
      answer = next;
    }
    send();
    return answer.thenAccept(this::check);
  }

  private void send() {
    CompletableFuture<Long> group;
    synchronized (this) {
      if (isWaiting || next == null) {
        return;
      }
      isWaiting = true;
      group = next;
      next = null;
    }
    LedgerSupport.answer(wait)
        .whenComplete(
            (found, failure) -> {
              synchronized (this) {
                isWaiting = false;
              }
              send();
              if (failure == null) {
                group.complete(found);
              } else {
                group.completeExceptionally(
                    Failures.meaning(null, LedgerSupport.unwrapped(failure)));
              }
            });
  }

  private void check(long found) {
    if (found < replicas) {
      throw new LedgerUnavailableException(
          "Redis has a hold on "
              + found
              + " replicas after "
              + time
              + " instead of "
              + replicas
              + ", so it is given back; check the replicas, or change waitForReplicas",
          null);
    }
  }
}
