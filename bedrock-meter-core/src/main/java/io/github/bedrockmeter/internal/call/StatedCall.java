// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.UnwrappedCall.Reserved;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.internal.reading.Missing;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** A call that goes through no wrapped client and has not ended. Closes once. Thread-safe. */
final class StatedCall extends InFlight implements Reserved {
  private static final Log log = Log.to(LoggerFactory.getLogger(StatedCall.class));

  private final Accounting accounting;
  private final MeteredCall call;
  private final long askedNanos;
  private final long startNanos;
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

  /** Null as soon as the call is closing. */
  private @Nullable Reservation open;

  StatedCall(Accounting accounting, MeteredCall call, Reservation reservation, long askedNanos) {
    this.accounting = accounting;
    this.call = call;
    this.open = reservation;
    this.askedNanos = askedNanos;
    this.startNanos = accounting.nanoTime();
  }

  /** Charges the estimate when it is not closed by then. */
  void endBy(Duration deadline) {
    ended
        .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete(
            (done, late) -> {
              if (late != null) {
                accounting.workers().execute(this::endLate);
              }
            });
  }

  private void endLate() {
    log.warn("Call {} is charged its estimate: it did not end by its deadline", call.id());
    end(new CallOutcome.Cancelled(), Charge.ESTIMATED, call.estimate(), "its deadline");
  }

  @Override
  public MeteredCall call() {
    return call;
  }

  private synchronized @Nullable Reservation closing() {
    Reservation first = open;
    open = null;
    return first;
  }

  @Override
  public Cost commit(Usage usage, @Nullable String requestId) {
    Cost cost = accounting.costs().price(call.pricing(), usage, call.id());
    commit(usage, cost, requestId);
    return cost;
  }

  /** Charges a usage and what it costs. */
  void commit(Usage usage, Cost cost, @Nullable String requestId) {
    Charge charge = usage.source() == Usage.Source.ESTIMATED ? Charge.ESTIMATED : Charge.REPORTED;
    end(new CallOutcome.Completed(), charge, usage, cost, requestId, List.of());
  }

  @Override
  public void release() {
    end(new CallOutcome.Cancelled(), Charge.RELEASED, Usage.NONE, Cost.NOTHING, null, List.of());
  }

  @Override
  public void close() {
    end(new CallOutcome.Completed(), Charge.ESTIMATED, call.estimate(), "close()");
  }

  private void end(CallOutcome outcome, Charge charge, Usage usage, String by) {
    List<Anomaly> missing = Missing.with(List.of(), "no usage was stated before " + by);
    end(outcome, charge, usage, call.estimatedCost(), null, missing);
  }

  private void end(
      CallOutcome outcome,
      Charge charge,
      Usage usage,
      Cost cost,
      @Nullable String requestId,
      List<Anomaly> anomalies) {
    Reservation taken = closing();
    if (taken == null) {
      return;
    }
    accounting.openCalls().leave(this);
    ended.complete(null);
    UsageEvent event =
        new UsageEvent(
            call,
            outcome,
            charge,
            Sent.STATED,
            usage,
            cost,
            requestId,
            null,
            accounting.nanoTime() - startNanos,
            startNanos - askedNanos,
            null,
            null,
            anomalies);
    if (charge == Charge.RELEASED) {
      accounting.release(call, taken);
    } else {
      accounting.commit(call, taken, usage, cost);
    }
    accounting.listeners().usage(event);
  }
}
