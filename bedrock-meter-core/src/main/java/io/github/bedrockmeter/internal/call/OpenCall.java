// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.Readings;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that was granted and has not ended. It closes exactly once, and none of its methods throws
 * into the caller's path. Thread-safe.
 */
public final class OpenCall extends InFlight {
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

  @Override
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
    if (first != null) {
      accounting.openCalls().leave(this);
    }
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
            accounting.costOf(call, usage, call.pricing(), null),
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
      anomalies = Readings.withMissing(anomalies, "no usage was reported");
    } else {
      usage = reported;
      if (!reading.missing().isEmpty()) {
        usage = Readings.filled(reported, reading.missing(), call.estimate());
        anomalies = Readings.withMissing(anomalies, "not reported: " + reading.missing());
      } else if (reported.source() != Source.ESTIMATED) {
        charge = Charge.REPORTED;
      }
      unreported = Readings.unbounded(reading.missing(), usage);
    }
    if (tried != null && tried.unanswered() > 0) {
      charge = Charge.ESTIMATED;
      usage = withUnanswered(usage, tried);
    }
    Cost cost = accounting.costOf(call, usage, pricing(reading), reading.answeredBy());
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

  /** The price key, in the tier that the response names. */
  private PriceKey pricing(Reading reading) {
    PriceKey asked = call.pricing();
    return reading.tier() == null ? asked : asked.withTier(reading.tier());
  }

  private void settle(Reservation taken, UsageEvent event) {
    accounting.commit(call, taken, event.usage(), event.cost());
    accounting.listeners().usage(event);
  }

  private void release(
      Reservation taken,
      CallOutcome outcome,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    accounting.release(call, taken);
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

  private long elapsed() {
    return accounting.nanoTime() - startNanos;
  }
}
