// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.reading.Missing;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.Readings;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A call that was granted and has not ended. It closes exactly once, and none of its methods throws
 * into the caller's path. Thread-safe.
 */
public final class OpenCall extends InFlight {
  private static final Log log = Log.to(LoggerFactory.getLogger(OpenCall.class));
  private static final OutageLog UNSETTLED =
      new OutageLog(log, "A call could not be settled, and its estimate stays held");
  private static final CallOutcome COMPLETED = new CallOutcome.Completed();

  private final Accounting accounting;
  private final MeteredCall call;
  private final Asked asked;
  private final long startNanos;
  private final long overheadNanos;

  /** Null as soon as the call is closing; its closer has taken it. */
  private @Nullable Reservation open;

  private Sight sight = Sight.NONE;

  /**
   * An open call.
   *
   * @param askedNanos when the meter was asked for the call, by {@code accounting}'s nano clock
   */
  OpenCall(
      Accounting accounting,
      MeteredCall call,
      Asked asked,
      Reservation reservation,
      long askedNanos) {
    this.accounting = accounting;
    this.call = call;
    this.asked = asked;
    this.open = reservation;
    this.startNanos = accounting.nanoTime();
    this.overheadNanos = startNanos - askedNanos;
  }

  @Override
  public MeteredCall call() {
    return call;
  }

  /** What was granted: as the caller asked for it, unless it was amended. */
  public Asked asked() {
    return asked;
  }

  /** Sets what sees the SDK's attempts at the call; before it is sent. */
  void seenBy(Sight seeing) {
    this.sight = seeing;
  }

  /** Nanoseconds since the call was opened. */
  public long elapsed() {
    return accounting.nanoTime() - startNanos;
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
    if (sight instanceof Sending sending) {
      sending.end();
    }
    int billed = sight.billed(failure);
    if (billed == 0) {
      release(taken, outcome, requestId, stream);
      return;
    }
    SentCall sent = SentCall.of(call, asked, sight, accounting);
    Usage estimate = sent == null ? call.estimate() : sent.estimate();
    PriceKey pricing = sent == null ? call.pricing() : sent.pricing();
    Usage usage = times(billed, estimate);
    settle(
        taken,
        new UsageEvent(
            call,
            outcome,
            Charge.ESTIMATED,
            sight.sent(),
            usage,
            accounting.costOf(call, usage, pricing, null),
            requestId,
            null,
            elapsed(),
            overheadNanos,
            stream,
            sight.facts(stream != null),
            anomalies(List.of(), sent)));
  }

  /** An estimate, once for each attempt that may have been billed. */
  private static Usage times(int attempts, Usage estimate) {
    Usage sum = estimate;
    for (int i = 1; i < attempts; i++) {
      sum = sum.plus(estimate);
    }
    return sum;
  }

  private static List<Anomaly> anomalies(List<Anomaly> found, @Nullable SentCall sent) {
    if (sent == null || sent.anomaly() == null) {
      return found;
    }
    List<Anomaly> all = new ArrayList<>(found);
    all.add(sent.anomaly());
    return all;
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
      if (sight instanceof Sending sending && !sending.end() && neverLeft(sending, reading)) {
        release(taken, outcome, requestId, stream);
      } else {
        settle(taken, event(outcome, reading, requestId, stream));
      }
    } catch (Throwable unsettled) {
      logUnsettled(unsettled);
    }
  }

  /** Whether it is certain that nothing left, since no attempt did and nothing was reported. */
  private static boolean neverLeft(Sending sending, Reading reading) {
    return sending.sent() == Sent.SEEN
        && (reading.usage() == null || reading.usage().source() == Source.ESTIMATED);
  }

  private void logUnsettled(Throwable failure) {
    UNSETTLED.failed("call " + call.id(), failure);
  }

  private UsageEvent event(
      CallOutcome outcome,
      Reading answer,
      @Nullable String requestId,
      @Nullable StreamFacts stream) {
    Reading reading = accounting.cacheCounts().settled(answer, asked);
    SentCall sent = SentCall.of(call, asked, sight, accounting);
    Usage estimate = sent == null ? call.estimate() : sent.estimate();
    PriceKey pricing = sent == null ? call.pricing() : sent.pricing();
    AttemptFacts tried = sight.facts(stream != null);
    Usage reported = reading.usage();
    List<Anomaly> anomalies = anomalies(reading.anomalies(), sent);
    Charge charge = Charge.ESTIMATED;
    Usage usage;
    Set<Meter> unreported = Set.of();
    if (reported == null) {
      usage = estimate;
      anomalies = Missing.with(anomalies, "no usage was reported");
    } else {
      usage = reported;
      if (!reading.missing().isEmpty()) {
        usage = Readings.filled(reported, reading.missing(), estimate);
        anomalies = Missing.with(anomalies, "not reported: " + reading.missing());
      } else if (reported.source() != Source.ESTIMATED) {
        charge = Charge.REPORTED;
      }
      unreported = Missing.unbounded(reading.missing(), usage);
    }
    if (tried != null && tried.unanswered() > 0) {
      charge = Charge.ESTIMATED;
      usage = usage.plus(times(tried.unanswered(), estimate));
    }
    PriceKey answered = reading.tier() == null ? pricing : pricing.withTier(reading.tier());
    Cost cost = accounting.costOf(call, usage, answered, reading.answeredBy());
    return new UsageEvent(
        call,
        outcome,
        charge,
        sight.sent(),
        usage,
        EstimatedCosts.unknownIfUnreported(cost, unreported),
        requestId,
        reading.answeredBy(),
        elapsed(),
        overheadNanos,
        stream,
        tried,
        anomalies);
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
                sight.sent(),
                Usage.NONE,
                Cost.NOTHING,
                requestId,
                null,
                elapsed(),
                overheadNanos,
                stream,
                sight.facts(stream != null),
                List.of()));
  }
}
