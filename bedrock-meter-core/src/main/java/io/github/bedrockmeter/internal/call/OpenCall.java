// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that was granted and has not ended. It closes exactly once, and none of its methods throws
 * into the caller's path. Thread-safe.
 */
public final class OpenCall {
  private static final Logger log = LoggerFactory.getLogger(OpenCall.class);
  private static final CallOutcome COMPLETED = new CallOutcome.Completed();

  private final Accounting accounting;
  private final MeteredCall call;
  private final Asked asked;
  private final long startNanos;

  /** Null as soon as the call is closing; its closer has taken it. */
  private @Nullable Reservation open;

  private @Nullable Attempts attempts;

  OpenCall(Accounting accounting, MeteredCall call, Asked asked, Reservation reservation) {
    this.accounting = accounting;
    this.call = call;
    this.asked = asked;
    this.open = reservation;
    this.startNanos = accounting.nanoTime();
  }

  public MeteredCall call() {
    return call;
  }

  /** What was granted: as the caller asked for it, unless it was amended. */
  public Asked asked() {
    return asked;
  }

  /** Has the SDK's attempts at the call counted; before it is sent. */
  void count(@Nullable Attempts counted) {
    this.attempts = counted;
  }

  /** The reservation to close, for the first who closes the call; null for the others. */
  private synchronized @Nullable Reservation closing() {
    Reservation first = open;
    open = null;
    return first;
  }

  /** Bedrock answered, and this is what the answer says. */
  public void completed(Reading reading, @Nullable String requestId) {
    close(COMPLETED, reading, requestId, null);
  }

  /** The call failed: charged at its estimate if Bedrock may have billed it, else not at all. */
  public void failed(Throwable failure, @Nullable StreamFacts stream) {
    Reservation taken = closing();
    if (taken == null) {
      return;
    }
    try {
      settleFailure(taken, failure, stream);
    } catch (Throwable unsettled) {
      logUnsettled(unsettled);
    }
  }

  private void settleFailure(Reservation taken, Throwable failure, @Nullable StreamFacts stream) {
    CallOutcome outcome = Failures.outcome(failure);
    String requestId = outcome instanceof CallOutcome.Failed failed ? failed.requestId() : null;
    AttemptFacts tried = attemptFacts();
    boolean lastBilled =
        tried == null
            ? Failures.mayHaveBeenBilled(failure)
            : Failures.lastMayHaveBeenBilled(failure);
    Usage usage = withUnanswered(lastBilled ? call.estimate() : Usage.NONE, tried);
    if (usage.equals(Usage.NONE)) {
      release(taken, outcome, requestId, stream);
      return;
    }
    settle(
        taken,
        new UsageEvent(
            call,
            outcome,
            Charge.ESTIMATED,
            usage,
            cost(usage, call.pricing(), null),
            requestId,
            null,
            elapsed(),
            stream,
            tried,
            List.of()));
  }

  /** With the estimate of each attempt that may have been billed and reported nothing. */
  private Usage withUnanswered(Usage usage, @Nullable AttemptFacts tried) {
    Usage sum = usage;
    for (int i = 0; tried != null && i < tried.unanswered(); i++) {
      sum = sum.plus(call.estimate());
    }
    return sum;
  }

  /** The caller left while a remote ledger was still being asked: the call is never sent. */
  public void abandonUnsent() {
    Reservation taken = closing();
    if (taken != null) {
      release(taken, new CallOutcome.Cancelled(), null, null);
    }
  }

  /** The call ended with this reading; what the reading lacks is charged at the estimate. */
  public void close(
      CallOutcome outcome,
      Reading reading,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    Reservation taken = closing();
    if (taken == null) {
      return;
    }
    try {
      settle(taken, event(outcome, reading, requestId, stream));
    } catch (Throwable unsettled) {
      logUnsettled(unsettled);
    }
  }

  private void logUnsettled(Throwable failure) {
    log.error("Call {} could not be settled; its estimate stays held", call.id(), failure);
  }

  private UsageEvent event(
      CallOutcome outcome,
      Reading reading,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    AttemptFacts tried = attemptFacts();
    Usage reported = reading.usage();
    List<Anomaly> anomalies = reading.anomalies();
    Charge charge = Charge.ESTIMATED;
    Usage usage;
    Set<Meter> unreported = Set.of();
    if (reported == null) {
      usage = call.estimate();
      anomalies = withMissing(anomalies, "no usage was reported");
    } else {
      usage = reported;
      if (!reading.missing().isEmpty()) {
        usage = filled(reported, reading.missing(), call.estimate());
        anomalies = withMissing(anomalies, "not reported: " + reading.missing());
      } else if (reported.source() != Source.ESTIMATED) {
        charge = Charge.REPORTED;
      }
      unreported = Estimates.unbounded(reading.missing(), usage);
    }
    if (tried != null && tried.unanswered() > 0) {
      charge = Charge.ESTIMATED;
      usage = withUnanswered(usage, tried);
    }
    Cost cost = cost(usage, pricing(reading), reading.answeredBy());
    return new UsageEvent(
        call,
        outcome,
        charge,
        usage,
        EstimatedCosts.unknownIfUnreported(cost, unreported),
        requestId,
        reading.answeredBy(),
        elapsed(),
        stream,
        tried,
        anomalies);
  }

  /** The anomalies, with one that says what was not reported, unless there is such a one. */
  public static List<Anomaly> withMissing(List<Anomaly> anomalies, String detail) {
    for (Anomaly anomaly : anomalies) {
      if (anomaly.kind() == Anomaly.Kind.USAGE_MISSING) {
        return anomalies;
      }
    }
    List<Anomaly> all = new ArrayList<>(anomalies);
    all.add(new Anomaly(Anomaly.Kind.USAGE_MISSING, detail));
    return all;
  }

  /** Reported counts, and the estimate's for those that are missing. */
  public static Usage filled(Usage reported, Set<Meter> missing, Usage estimate) {
    Usage.Builder builder = Usage.builder(Source.BODY);
    reported.forEach((meter, count) -> builder.count(meter, count, reported.sources().of(meter)));
    for (Meter meter : missing) {
      builder.count(meter, estimate.count(meter), Source.ESTIMATED);
    }
    return builder.build();
  }

  /** The price key, in the tier that the response names. */
  private PriceKey pricing(Reading reading) {
    PriceKey asked = call.pricing();
    return reading.tier() == null ? asked : asked.withTier(reading.tier());
  }

  private void settle(Reservation taken, UsageEvent event) {
    end(taken, event.usage(), event.cost(), false);
    accounting.listeners().usage(event);
  }

  /**
   * The cost by the model that was called; by the one that answered where only that has a price.
   */
  private Cost cost(Usage usage, PriceKey pricing, @Nullable String answeredBy) {
    if (usage.equals(call.estimate()) && pricing.equals(call.pricing()) && answeredBy == null) {
      return call.estimatedCost();
    }
    if (answeredBy == null) {
      return accounting.costs().price(pricing, usage);
    }
    PriceKey answered = pricing.withModelId(ModelId.ofResponse(answeredBy).text());
    if (ModelId.of(call.modelId()).kind() == ModelId.Kind.PROMPT_ROUTER) {
      return accounting.costs().price(answered, usage);
    }
    Cost asked = accounting.costs().price(pricing, usage);
    if (asked instanceof Cost.Known) {
      return asked;
    }
    Cost other = accounting.costs().price(answered, usage);
    return other instanceof Cost.Known ? other : asked;
  }

  private void release(
      Reservation taken,
      CallOutcome outcome,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    end(taken, Usage.NONE, Cost.NOTHING, true);
    accounting
        .listeners()
        .usage(
            new UsageEvent(
                call,
                outcome,
                Charge.RELEASED,
                Usage.NONE,
                Cost.NOTHING,
                requestId,
                null,
                elapsed(),
                stream,
                attemptFacts(),
                List.of()));
  }

  private @Nullable AttemptFacts attemptFacts() {
    return attempts == null ? null : attempts.facts();
  }

  /** Starts to close the reservation and does not wait. */
  private void end(Reservation taken, Usage usage, Cost cost, boolean release) {
    try {
      CompletionStage<?> stage = release ? taken.release() : taken.commit(usage, cost);
      CompletableFuture<?> future = stage.toCompletableFuture();
      if (future.isDone() && !future.isCompletedExceptionally()) {
        return;
      }
      accounting
          .settlements()
          .add(
              future.whenComplete(
                  (done, failure) -> {
                    if (failure != null) {
                      settlementFailed(usage, cost, Failures.unwrapped(failure));
                    }
                  }));
    } catch (Throwable failure) {
      settlementFailed(usage, cost, failure);
    }
  }

  private void settlementFailed(Usage usage, Cost cost, Throwable cause) {
    log.warn("Call {} could not be settled at {}", call.id(), cost, cause);
    SettlementFailedEvent event = new SettlementFailedEvent(call, usage, cost, cause);
    accounting.listeners().publish(listener -> listener.onSettlementFailed(event));
  }

  private long elapsed() {
    return accounting.nanoTime() - startNanos;
  }
}
