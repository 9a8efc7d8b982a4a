// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The end of one call: what it consumed and what that cost. Immutable and thread-safe.
 *
 * @param call the call, with its estimate
 * @param outcome how it ended
 * @param charge what was charged to the budgets: the reported usage, the estimate, or nothing
 * @param sent whether sending was seen or is inferred
 * @param usage what was charged, as counts; each knows its source
 * @param cost what that costs; unknown where it could not be priced
 * @param requestId Bedrock's request id, as its invocation logs have it; null if none was received
 * @param answeredBy the model that answered, where the response says; null if it does not
 * @param elapsedNanos from before the request was sent until the call ended, in nanoseconds
 * @param overheadNanos the part of the call's time that the meter took before sending, its ledger's
 *     answer and waiting for room included, in nanoseconds
 * @param stream how the call's stream went; null for a call that does not stream
 * @param attempts how often the SDK tried; null where it was not counted, as for streams of a
 *     wrapped client, whose facts give those that answered
 * @param anomalies what did not fit in the response's counts; mostly empty
 */
public record UsageEvent(
    MeteredCall call,
    CallOutcome outcome,
    Charge charge,
    Sent sent,
    Usage usage,
    Cost cost,
    @Nullable String requestId,
    @Nullable String answeredBy,
    long elapsedNanos,
    long overheadNanos,
    @Nullable StreamFacts stream,
    @Nullable AttemptFacts attempts,
    List<Anomaly> anomalies) {

  /** What the budgets were charged. */
  public enum Charge {
    /** What the response reported. */
    REPORTED,
    /**
     * The estimate, at least in part: the call may have been billed and did not report for what.
     */
    ESTIMATED,
    /** Nothing: the call was refused, or never sent. */
    RELEASED
  }

  /** How it is known whether a call was sent, and how often. */
  public enum Sent {
    /** An instrumented HTTP client saw whether each attempt's body began to leave. */
    SEEN,
    /** Inferred from how the call ended, which errs to charging. */
    INFERRED,
    /** Stated by the application, of a call that goes through no wrapped client. */
    STATED
  }

  /**
   * How a stream went.
   *
   * @param attempts how many attempts began to answer; the SDK starts a stream again after some
   *     errors inside it
   * @param attemptsWithOutput how many of them produced output, so that they may have been billed
   * @param firstChunkNanos from before the request was sent until the first event of the first
   *     attempt that answered, in nanoseconds; null if there was none
   * @param abandoned the rule that was applied because an attempt ended without reporting its
   *     usage; null if all of them reported
   */
  public record StreamFacts(
      int attempts,
      int attemptsWithOutput,
      @Nullable Long firstChunkNanos,
      @Nullable AbandonedStreams abandoned) {}

  /**
   * How often the SDK tried before the call ended.
   *
   * @param made how many attempts it made
   * @param unanswered how many of them, the last one apart, timed out or broke off after they were
   *     sent: each may have been billed, and is charged at the call's estimate
   */
  public record AttemptFacts(int made, int unanswered) {}

  public UsageEvent {
    Objects.requireNonNull(call, "call");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(charge, "charge");
    Objects.requireNonNull(sent, "sent");
    Objects.requireNonNull(usage, "usage");
    Objects.requireNonNull(cost, "cost");
    anomalies = List.copyOf(anomalies);
  }
}
