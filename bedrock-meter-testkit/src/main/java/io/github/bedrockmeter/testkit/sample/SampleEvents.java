// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.sample;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as a meter publishes them, for tests of listeners.
 *
 * <pre>{@code
 * MeteredCall call = SampleCalls.converse().tags("team", "search").build();
 * listener.onUsage(SampleEvents.completed(call).inputTokens(950).outputTokens(120).build());
 * }</pre>
 *
 * <p>What a test does not set fits the call and its outcome. Costs follow {@link SampleCalls#RATES}
 * and are unknown where the call's own cost is. Thread-safe.
 */
public final class SampleEvents {
  private static final long OVERHEAD_NANOS = 50_000;
  private static final long FIRST_CHUNK_NANOS = 200_000_000;

  private SampleEvents() {}

  /** Bedrock answered, and reported exactly the counts that were estimated. */
  public static Builder completed(MeteredCall call) {
    return new Builder(call, new CallOutcome.Completed(), Charge.REPORTED)
        .usage(withSource(Source.BODY, call.estimate()));
  }

  private static Usage withSource(Source source, Usage usage) {
    Usage.Builder copy = Usage.builder(source);
    usage.forEach(copy::count);
    return copy.build();
  }

  /**
   * Bedrock refused the call, and it costs nothing.
   *
   * @param error the simple name of the exception: {@code ThrottlingException}
   * @param statusCode the HTTP status: 429
   */
  public static Builder failed(MeteredCall call, String error, int statusCode) {
    String requestId = "request-of-" + call.id();
    return new Builder(call, new CallOutcome.Failed(error, statusCode, requestId), Charge.RELEASED)
        .usage(Usage.NONE)
        .cost(Cost.NOTHING);
  }

  /** The caller left before the end: the estimate is charged. */
  public static Builder cancelled(MeteredCall call) {
    return brokenOff(call, new CallOutcome.Cancelled());
  }

  /** A stream ended before its last event: the estimate is charged. */
  public static Builder truncated(MeteredCall call) {
    return brokenOff(call, new CallOutcome.Truncated());
  }

  private static Builder brokenOff(MeteredCall call, CallOutcome outcome) {
    Builder event =
        new Builder(call, outcome, Charge.ESTIMATED)
            .usage(call.estimate())
            .cost(call.estimatedCost());
    return isStream(call)
        ? event.stream(new StreamFacts(1, 1, FIRST_CHUNK_NANOS, AbandonedStreams.HOLD_WORST_CASE))
        : event;
  }

  private static boolean isStream(MeteredCall call) {
    return call.operation().endsWith("Stream");
  }

  /**
   * A policy denied the call, which was not sent.
   *
   * @param policy the name of the budget or policy
   * @param reason why, in words an operator can act on
   */
  public static DenialEvent denied(MeteredCall call, String policy, String reason) {
    BudgetDecision denial = BudgetDecision.denied(policy, reason);
    return new DenialEvent(call, (BudgetDecision.Denied) denial, true);
  }

  /** Collects what an event is to report. Mutable, confined to one thread. */
  public static final class Builder {
    private final MeteredCall call;
    private final CallOutcome outcome;
    private Charge charge;
    private final Map<Meter, Long> counts = new LinkedHashMap<>();
    private Usage usage = Usage.NONE;
    private Rates rates = SampleCalls.RATES;
    private @Nullable Cost cost;
    private @Nullable String requestId;
    private @Nullable String answeredBy;
    private Duration elapsed = Duration.ofMillis(850);
    private @Nullable StreamFacts stream;
    private @Nullable AttemptFacts attempts;
    private List<Anomaly> anomalies = List.of();

    private Builder(MeteredCall call, CallOutcome outcome, Charge charge) {
      this.call = call;
      this.outcome = outcome;
      this.charge = charge;
      this.requestId = "request-of-" + call.id();
      this.stream = isStream(call) ? new StreamFacts(1, 1, FIRST_CHUNK_NANOS, null) : null;
    }

    /** The input tokens that were charged. */
    public Builder inputTokens(long count) {
      return count(Meter.INPUT, count);
    }

    /** The output tokens that were charged. */
    public Builder outputTokens(long count) {
      return count(Meter.OUTPUT, count);
    }

    /** The charged count of any meter, such as {@link Meter#CACHE_READ}. */
    public Builder count(Meter meter, long count) {
      counts.put(meter, count);
      cost = null;
      return this;
    }

    /** All counts that were charged, with their sources. */
    public Builder usage(Usage usage) {
      this.usage = usage;
      this.cost = null;
      counts.clear();
      return this;
    }

    /** What was charged: the reported usage, the estimate, or nothing. */
    public Builder charge(Charge charge) {
      this.charge = charge;
      return this;
    }

    /** What the usage costs, instead of {@link SampleCalls#RATES}. */
    public Builder rates(Rates rates) {
      this.rates = rates;
      this.cost = null;
      return this;
    }

    /** The cost itself. Set it after the counts, which are priced again when they change. */
    public Builder cost(Cost cost) {
      this.cost = cost;
      return this;
    }

    /** Bedrock's request id; null if none was received. */
    public Builder requestId(@Nullable String requestId) {
      this.requestId = requestId;
      return this;
    }

    /** The model that answered; null if the response does not name one, which is the default. */
    public Builder answeredBy(@Nullable String answeredBy) {
      this.answeredBy = answeredBy;
      return this;
    }

    /** How long the call took. */
    public Builder elapsed(Duration elapsed) {
      this.elapsed = elapsed;
      return this;
    }

    /** How the stream went; null for a call that does not stream. */
    public Builder stream(@Nullable StreamFacts stream) {
      this.stream = stream;
      return this;
    }

    /** How often the SDK tried; null if it was not counted, which is the default. */
    public Builder attempts(@Nullable AttemptFacts attempts) {
      this.attempts = attempts;
      return this;
    }

    /** What did not fit in the response's counts. */
    public Builder anomalies(Anomaly... anomalies) {
      this.anomalies = List.of(anomalies);
      return this;
    }

    /**
     * The event.
     *
     * @throws IllegalArgumentException if a count is negative
     */
    public UsageEvent build() {
      Usage charged = counts.isEmpty() ? usage : withCounts();
      return new UsageEvent(
          call,
          outcome,
          charge,
          Sent.SEEN,
          charged,
          cost != null ? cost : costOf(charged),
          requestId,
          answeredBy,
          elapsed.toNanos(),
          OVERHEAD_NANOS,
          stream,
          attempts,
          anomalies);
    }

    private Usage withCounts() {
      Map<Meter, Long> all = new LinkedHashMap<>();
      usage.forEach(all::put);
      all.putAll(counts);
      Usage.Builder merged = Usage.builder(usage.source());
      all.forEach(merged::count);
      return merged.build();
    }

    private Cost costOf(Usage charged) {
      return call.estimatedCost() instanceof Cost.Unknown unknown
          ? new Cost.Unknown(unknown.reason())
          : rates.costOf(charged);
    }
  }
}
