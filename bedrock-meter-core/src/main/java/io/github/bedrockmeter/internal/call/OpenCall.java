// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.SettlementFailedEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.reading.Reading;
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
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * A call that was granted and has not ended. It closes exactly once, and none of its methods throws
 * into the caller's path. Thread-safe.
 */
public final class OpenCall {
  private static final Logger log = LoggerFactory.getLogger(OpenCall.class);
  private static final CallOutcome COMPLETED = new CallOutcome.Completed();

  private final Metering metering;
  private final MeteredCall call;
  private final BedrockRuntimeRequest request;
  private final Reservation reservation;
  private final long startNanos;
  private @Nullable Attempts attempts;
  private boolean closed;

  OpenCall(
      Metering metering,
      MeteredCall call,
      BedrockRuntimeRequest request,
      Reservation reservation,
      long startNanos) {
    this.metering = metering;
    this.call = call;
    this.request = request;
    this.reservation = reservation;
    this.startNanos = startNanos;
  }

  public MeteredCall call() {
    return call;
  }

  /** The request as it was granted, which is the caller's own unless it was amended. */
  public BedrockRuntimeRequest request() {
    return request;
  }

  /** Has the SDK's attempts at the call counted; before it is sent. */
  void count(@Nullable Attempts counted) {
    this.attempts = counted;
  }

  /** Whether the one who asks is the first, and closes the call. */
  private synchronized boolean closing() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Bedrock answered, and this is what the answer says. */
  public void completed(Reading reading, @Nullable String requestId) {
    close(COMPLETED, reading, requestId, null);
  }

  /** The call failed: charged at its estimate if Bedrock may have billed it, else not at all. */
  public void failed(Throwable failure, @Nullable StreamFacts stream) {
    if (!closing()) {
      return;
    }
    try {
      settleFailure(failure, stream);
    } catch (Throwable mishap) {
      unsettled(mishap);
    }
  }

  private void settleFailure(Throwable failure, @Nullable StreamFacts stream) {
    CallOutcome outcome = Failures.outcome(failure);
    String requestId = outcome instanceof CallOutcome.Failed failed ? failed.requestId() : null;
    AttemptFacts tried = attemptFacts();
    boolean lastBilled =
        tried == null
            ? Failures.mayHaveBeenBilled(failure)
            : Failures.lastMayHaveBeenBilled(failure);
    Usage usage = withUnanswered(lastBilled ? call.estimate() : Usage.NONE, tried);
    if (usage.equals(Usage.NONE)) {
      release(outcome, requestId, stream, tried);
      return;
    }
    settle(
        outcome,
        Charge.ESTIMATED,
        usage,
        call.pricing(),
        requestId,
        null,
        stream,
        tried,
        List.of(),
        Set.of());
  }

  /** With the estimate of each attempt that may have been billed and told nothing. */
  private Usage withUnanswered(Usage usage, @Nullable AttemptFacts tried) {
    Usage sum = usage;
    for (int i = 0; tried != null && i < tried.unanswered(); i++) {
      sum = sum.plus(call.estimate());
    }
    return sum;
  }

  /** The caller left while a remote ledger was still being asked: the call is never sent. */
  public void abandonUnsent() {
    if (closing()) {
      release(new CallOutcome.Cancelled(), null, null, null);
    }
  }

  /** The call ended with this reading; what the reading lacks is charged at the estimate. */
  public void close(
      CallOutcome outcome,
      Reading reading,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    if (!closing()) {
      return;
    }
    try {
      settleReading(outcome, reading, requestId, stream);
    } catch (Throwable mishap) {
      unsettled(mishap);
    }
  }

  private void unsettled(Throwable mishap) {
    log.error("Call {} could not be settled; its estimate stays held", call.id(), mishap);
  }

  private void settleReading(
      CallOutcome outcome,
      Reading reading,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    AttemptFacts tried = attemptFacts();
    Usage reported = reading.usage();
    List<Anomaly> anomalies = reading.anomalies();
    if (reported == null) {
      settle(
          outcome,
          Charge.ESTIMATED,
          withUnanswered(call.estimate(), tried),
          pricing(reading),
          requestId,
          reading.answeredBy(),
          stream,
          tried,
          withMissing(anomalies, "no usage was reported"),
          Set.of());
      return;
    }
    Charge charge = Charge.REPORTED;
    Usage usage = reported;
    if (!reading.missing().isEmpty()) {
      charge = Charge.ESTIMATED;
      usage = filled(reported, reading.missing(), call.estimate());
      anomalies = withMissing(anomalies, "not reported: " + reading.missing());
    } else if (reported.source() == Source.ESTIMATED) {
      charge = Charge.ESTIMATED;
    }
    Set<Meter> untold = Estimates.unbounded(reading.missing(), usage);
    if (tried != null && tried.unanswered() > 0) {
      charge = Charge.ESTIMATED;
      usage = withUnanswered(usage, tried);
    }
    settle(
        outcome,
        charge,
        usage,
        pricing(reading),
        requestId,
        reading.answeredBy(),
        stream,
        tried,
        anomalies,
        untold);
  }

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

  private void settle(
      CallOutcome outcome,
      Charge charge,
      Usage usage,
      PriceKey pricing,
      @Nullable String requestId,
      @Nullable String answeredBy,
      @Nullable StreamFacts stream,
      @Nullable AttemptFacts tried,
      List<Anomaly> anomalies,
      Set<Meter> untold) {
    Cost cost = EstimatedCosts.withoutUntold(cost(usage, pricing, answeredBy), untold);
    end(usage, cost, false);
    tell(
        new UsageEvent(
            call,
            outcome,
            charge,
            usage,
            cost,
            requestId,
            answeredBy,
            elapsed(),
            stream,
            tried,
            anomalies));
  }

  /** The cost by the model that was called; by the one that answered where only that tells. */
  private Cost cost(Usage usage, PriceKey pricing, @Nullable String answeredBy) {
    if (usage.equals(call.estimate()) && pricing.equals(call.pricing()) && answeredBy == null) {
      return call.estimatedCost();
    }
    if (answeredBy == null) {
      return metering.costs().price(pricing, usage);
    }
    PriceKey answered = pricing.withModelId(ModelId.ofResponse(answeredBy).text());
    if (ModelId.of(call.modelId()).kind() == ModelId.Kind.PROMPT_ROUTER) {
      return metering.costs().price(answered, usage);
    }
    Cost asked = metering.costs().price(pricing, usage);
    if (asked instanceof Cost.Known) {
      return asked;
    }
    Cost other = metering.costs().price(answered, usage);
    return other instanceof Cost.Known ? other : asked;
  }

  private void release(
      CallOutcome outcome,
      @Nullable String requestId,
      @Nullable StreamFacts stream,
      @Nullable AttemptFacts tried) {
    end(Usage.NONE, Cost.NOTHING, true);
    tell(
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
            tried,
            List.of()));
  }

  private @Nullable AttemptFacts attemptFacts() {
    return attempts == null ? null : attempts.facts();
  }

  /** Starts to close the reservation and does not wait. */
  private void end(Usage usage, Cost cost, boolean release) {
    try {
      CompletionStage<?> stage = release ? reservation.release() : reservation.commit(usage, cost);
      CompletableFuture<?> future = stage.toCompletableFuture();
      if (future.isDone() && !future.isCompletedExceptionally()) {
        return;
      }
      metering.underWay(
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
    metering.listeners().publish(listener -> listener.onSettlementFailed(event));
  }

  private void tell(UsageEvent event) {
    metering.listeners().usage(event);
  }

  private long elapsed() {
    return metering.nanoTime() - startNanos;
  }
}
