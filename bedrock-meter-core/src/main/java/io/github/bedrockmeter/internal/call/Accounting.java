// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a call needs to end: prices, listeners, settlements under way, the list of open calls,
 * elapsed time. Thread-safe.
 */
record Accounting(
    Estimates estimates,
    EstimatedCosts costs,
    CacheCounts cacheCounts,
    Listeners listeners,
    Settlements settlements,
    OpenCalls openCalls,
    LongSupplier nanoClock,
    Workers workers) {
  private static final Log log = Log.to(LoggerFactory.getLogger(Accounting.class));
  private static final OutageLog UNSETTLED = new OutageLog(log, "A call could not be settled");
  private static final OutageLog CLOCK = new OutageLog(log, "The nano clock failed");

  /** Elapsed time's clock; zero if it is broken, since a call must not end for that. */
  long nanoTime() {
    try {
      return nanoClock.getAsLong();
    } catch (Throwable failure) {
      CLOCK.failed("the call in hand takes no time", failure);
      return 0;
    }
  }

  /**
   * The cost by the model that was called; by the one that answered where only that has a price.
   */
  Cost costOf(MeteredCall call, Usage usage, PriceKey pricing, @Nullable String answeredBy) {
    if (answeredBy == null && isEstimate(usage, call) && pricing.equals(call.pricing())) {
      return call.estimatedCost();
    }
    if (answeredBy == null) {
      return costs.price(pricing, usage, call.id());
    }
    PriceKey answered = pricing.withModelId(ModelId.ofResponse(answeredBy).text());
    if (ModelId.of(call.modelId()).kind() == ModelId.Kind.PROMPT_ROUTER) {
      return costs.price(answered, usage, call.id());
    }
    Cost asked = costs.price(pricing, usage, call.id());
    if (asked instanceof Cost.Known) {
      return asked;
    }
    Cost other = costs.price(answered, usage, call.id());
    return other instanceof Cost.Known ? other : asked;
  }

  /**
   * What a record's equality is by default is linked when it is first used, in thirty milliseconds.
   */
  private static boolean isEstimate(Usage usage, MeteredCall call) {
    return usage.source() == call.estimate().source() && usage.equals(call.estimate());
  }

  /** Starts to charge a call's reservation, and does not wait. */
  void commit(MeteredCall call, Reservation taken, Usage usage, Cost cost) {
    try {
      watch(call, usage, cost, taken.commit(usage, cost));
    } catch (Throwable failure) {
      settlementFailed(call, usage, cost, failure);
    }
  }

  /** Starts to give a call's reservation back, and does not wait. */
  void release(MeteredCall call, Reservation taken) {
    try {
      watch(call, Usage.NONE, Cost.NOTHING, taken.release());
    } catch (Throwable failure) {
      settlementFailed(call, Usage.NONE, Cost.NOTHING, failure);
    }
  }

  private void watch(MeteredCall call, Usage usage, Cost cost, CompletionStage<?> stage) {
    CompletableFuture<?> future = stage.toCompletableFuture();
    if (future.isDone()) {
      if (future.isCompletedExceptionally()) {
        future.whenComplete((done, failure) -> settlementFailed(call, usage, cost, failure));
      }
      return;
    }
    settlements.add(
        future
            .<@Nullable Object>thenApply(done -> null)
            .exceptionallyAsync(
                failure -> {
                  settlementFailed(call, usage, cost, failure);
                  return null;
                },
                workers));
  }

  private void settlementFailed(MeteredCall call, Usage usage, Cost cost, Throwable failure) {
    settlements.failed();
    Throwable cause = Failures.unwrapped(failure);
    UNSETTLED.failed("call " + call.id() + " at " + cost, cause);
    SettlementFailedEvent event = new SettlementFailedEvent(call, usage, cost, cause);
    listeners.publish("call " + call.id(), listener -> listener.onSettlementFailed(event));
  }
}
