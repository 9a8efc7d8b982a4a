// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.StreamReader;
import io.github.bedrockmeter.usage.Anomaly;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsResponse;

/**
 * What is seen of one streaming call: its attempts, their events, and how it ended.
 *
 * <p>Events arrive on the SDK's threads and the end may arrive on another, so the state is guarded
 * by its own lock, which is held for no foreign code.
 *
 * @param <E> the SDK's event type
 */
final class StreamWatch<E> {
  /*
   * The SDK starts a stream again when the service reports certain errors inside it, and the
   * caller's handler then sees responseReceived and onEventStream a second time. Each attempt may
   * have been billed, so each has a reading of its own and the call is charged for all of them: the
   * reported usage where an attempt got to its end, the estimate where it produced output and did
   * not. An attempt that produced nothing is charged only if it is the last and nobody can tell.
   */
  private static final Logger log = LoggerFactory.getLogger(StreamWatch.class);

  private final OpenCall call;
  private final Supplier<StreamReader<E>> readers;
  private final List<StreamReader<E>> attempts = new ArrayList<>();
  private @Nullable String requestId;
  private boolean cancelledByCaller;
  private boolean readingFailed;

  StreamWatch(OpenCall call, Supplier<StreamReader<E>> readers) {
    this.call = call;
    this.readers = readers;
  }

  /** An attempt has begun to answer. Never throws. */
  synchronized void responseReceived(@Nullable Object response) {
    try {
      if (response instanceof AwsResponse answer && answer.responseMetadata() != null) {
        requestId = answer.responseMetadata().requestId();
      }
    } catch (RuntimeException mishap) {
      log.debug("No request id in {}", response, mishap);
    }
  }

  /** Events of a new attempt follow. Never throws. */
  synchronized void attemptBegins() {
    try {
      attempts.add(readers.get());
    } catch (Throwable mishap) {
      failedToRead(mishap);
    }
  }

  /** An event passes by. Never throws. */
  synchronized void event(E event) {
    try {
      if (!attempts.isEmpty()) {
        attempts.get(attempts.size() - 1).read(event);
      }
    } catch (Throwable mishap) {
      failedToRead(mishap);
    }
  }

  private void failedToRead(Throwable mishap) {
    if (!readingFailed) {
      readingFailed = true;
      log.warn("An event of call {} could not be read", call.call().id(), mishap);
    }
  }

  /** The caller's subscriber has cancelled its subscription. */
  synchronized void cancelled() {
    cancelledByCaller = true;
  }

  /** The source future has completed: settles the call. Never throws. */
  void ended(@Nullable Throwable failure) {
    try {
      Ending ending = ending(failure);
      if (ending.reading == null && failure != null) {
        call.failed(failure);
      } else {
        Reading reading = ending.reading == null ? Reading.NOTHING : ending.reading;
        call.close(ending.outcome, reading, ending.requestId, ending.attempts);
      }
    } catch (Throwable mishap) {
      log.warn("Stream {} is charged at its estimate", call.call().id(), mishap);
      call.close(new CallOutcome.Truncated(), Reading.NOTHING, null, 1);
    }
  }

  private record Ending(
      CallOutcome outcome, @Nullable Reading reading, @Nullable String requestId, int attempts) {}

  private synchronized Ending ending(@Nullable Throwable failure) {
    List<Reading> billed = new ArrayList<>();
    boolean complete = false;
    for (StreamReader<E> attempt : attempts) {
      Reading reading = attempt.finish();
      complete = reading.usage() != null && reading.missing().isEmpty();
      if (reading.usage() != null || attempt.sawOutput()) {
        billed.add(reading);
      }
    }
    CallOutcome outcome;
    if (failure != null) {
      outcome = Failures.outcome(failure);
    } else if (complete) {
      outcome = new CallOutcome.Completed();
    } else {
      outcome = cancelledByCaller ? new CallOutcome.Cancelled() : new CallOutcome.Truncated();
    }
    return new Ending(
        outcome, billed.isEmpty() ? null : sum(billed), requestId, Math.max(1, attempts.size()));
  }

  private Reading sum(List<Reading> billed) {
    Reading last = billed.get(billed.size() - 1);
    if (billed.size() == 1) {
      return last;
    }
    Usage total = Usage.NONE;
    List<Anomaly> anomalies = new ArrayList<>();
    for (Reading reading : billed) {
      total = total.plus(filled(reading));
      anomalies.addAll(reading.anomalies());
    }
    return new Reading(total, Set.of(), last.tier(), last.answeredBy(), anomalies);
  }

  /** An attempt's usage, with the estimate for whatever it did not report. */
  private Usage filled(Reading reading) {
    Usage estimate = call.call().estimate();
    if (reading.usage() == null) {
      return estimate;
    }
    return reading.missing().isEmpty()
        ? reading.usage()
        : OpenCall.filled(reading.usage(), reading.missing(), estimate);
  }
}
