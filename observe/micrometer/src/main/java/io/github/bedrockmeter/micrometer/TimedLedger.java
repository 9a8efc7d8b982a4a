// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Measures how long a ledger takes to answer holds and settlements. Thread-safe. */
final class TimedLedger extends ForwardingLedger {
  private final Series<Timer> latency;

  TimedLedger(Ledger ledger, Series<Timer> latency) {
    super(ledger);
    this.latency = latency;
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    return timed("hold", () -> inner.hold(holds));
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    return timed("settle", () -> inner.settle(holds, actuals));
  }

  private <T> CompletionStage<T> timed(String operation, Supplier<CompletionStage<T>> request) {
    long begin = System.nanoTime();
    CompletionStage<T> answer;
    try {
      answer = request.get();
    } catch (RuntimeException | Error failure) {
      record(operation, begin, true);
      throw failure;
    }
    CompletableFuture<T> future = answer.toCompletableFuture();
    if (future.isDone()) {
      record(operation, begin, future.isCompletedExceptionally());
    } else {
      future.whenComplete((result, failure) -> record(operation, begin, failure != null));
    }
    return answer;
  }

  private void record(String operation, long begin, boolean failed) {
    try {
      latency
          .of(Tags.of("operation", operation, "outcome", failed ? "failed" : "answered"))
          .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
    } catch (RuntimeException ofTheRegistry) {
      // A registry that is closed or full must not decide about a call.
    }
  }
}
