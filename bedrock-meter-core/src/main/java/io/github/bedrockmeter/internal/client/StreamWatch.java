// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.Readings;
import io.github.bedrockmeter.internal.reading.StreamReader;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.SdkResponse;

/**
 * What is seen of one streaming call: its attempts, their events, and how it ended.
 *
 * <p>Events arrive on the SDK's threads and the end may arrive on another, so the state is guarded
 * by its own lock, which is held for no foreign code. None of the methods throws.
 *
 * @param <E> the SDK's event type
 */
public final class StreamWatch<E> {
  /*
   * The SDK starts a stream again when the service reports certain errors inside it, and the
   * caller's handler then sees responseReceived and onEventStream a second time. Each attempt may
   * have been billed, so each has a reading of its own and the call is charged for all: the usage
   * that an attempt reported, and what the rule for abandoned streams says where it produced output
   * and reported none. Where no attempt produced anything, the way the call ended decides.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(StreamWatch.class));
  private static final OutageLog UNREAD =
      new OutageLog(log, "An event of a stream could not be read");
  private static final OutageLog UNSETTLED =
      new OutageLog(log, "A stream is charged at its estimate");

  /** Errs to the high side: most texts have more characters in a token. */
  private static final int CHARACTERS_PER_TOKEN = 3;

  private final OpenCall call;
  private final AbandonedStreams rule;
  private final Supplier<StreamReader<E>> readers;
  private final Runnable callerHasLeft;
  private final List<StreamReader<E>> attempts = new ArrayList<>();
  private @Nullable SdkResponse response;
  private @Nullable Runnable drain;
  private @Nullable Long firstChunkNanos;
  private boolean cancelledByCaller;
  private boolean readingFailed;
  private volatile boolean detached;

  /**
   * A watch over one call.
   *
   * @param readers gives a new reader for each attempt
   * @param callerHasLeft run when the stream is read on after its caller has left
   */
  StreamWatch(
      OpenCall call,
      AbandonedStreams rule,
      Supplier<StreamReader<E>> readers,
      Runnable callerHasLeft) {
    this.call = call;
    this.rule = rule;
    this.readers = readers;
    this.callerHasLeft = callerHasLeft;
  }

  /** An attempt has begun to answer. */
  synchronized void responseReceived(@Nullable Object received) {
    response = received instanceof SdkResponse answer ? answer : null;
  }

  /** Events of a new attempt follow. */
  synchronized void attemptBegins() {
    try {
      StreamReader<E> reader = readers.get();
      attempts.add(reader);
      drain = null;
      if (response != null) {
        reader.started(response);
      }
    } catch (Throwable failure) {
      failedToRead(failure);
    }
  }

  /** The attempt's events can be asked for by running {@code readOn}. */
  void subscribed(Runnable readOn) {
    synchronized (this) {
      drain = readOn;
      if (!detached) {
        return;
      }
    }
    readOn.run();
  }

  /** An event passes by. */
  synchronized void event(E event) {
    if (firstChunkNanos == null) {
      firstChunkNanos = call.elapsed();
    }
    try {
      if (!attempts.isEmpty()) {
        attempts.get(attempts.size() - 1).read(event);
      }
    } catch (Throwable failure) {
      failedToRead(failure);
    }
  }

  private void failedToRead(Throwable failure) {
    if (!readingFailed) {
      readingFailed = true;
      UNREAD.failed("call " + call.call().id(), failure);
    }
  }

  /** Whether the caller has left and the rest of the stream is read for its usage alone. */
  boolean detached() {
    return detached;
  }

  /**
   * The caller leaves, by cancelling its subscription or its future. Answers whether the stream is
   * read on; if not, it is to be cancelled. A stream without a subscription cannot be read on.
   */
  boolean leave() {
    Runnable readOn;
    synchronized (this) {
      cancelledByCaller = true;
      readOn = drain;
      if (detached || rule != AbandonedStreams.DRAIN || readOn == null || lastAttemptIsComplete()) {
        return detached;
      }
      detached = true;
    }
    readOn.run();
    callerHasLeft.run();
    return true;
  }

  private boolean lastAttemptIsComplete() {
    try {
      return !attempts.isEmpty() && isComplete(attempts.get(attempts.size() - 1).finish());
    } catch (Throwable failure) {
      failedToRead(failure);
      return false;
    }
  }

  private static boolean isComplete(Reading reading) {
    return reading.usage() != null && reading.missing().isEmpty();
  }

  /** The source future has completed: settles the call. */
  void ended(@Nullable Throwable failure) {
    try {
      settle(failure);
    } catch (Throwable unsettled) {
      UNSETTLED.failed("call " + call.call().id(), unsettled);
      call.close(new CallOutcome.Truncated(), Reading.NOTHING, null, null);
    }
  }

  private void settle(@Nullable Throwable failure) {
    CallOutcome outcome;
    @Nullable Reading charged;
    String id;
    StreamFacts facts;
    synchronized (this) {
      charged = null;
      int withOutput = 0;
      boolean lastIsComplete = false;
      boolean allAreComplete = true;
      for (StreamReader<E> attempt : attempts) {
        Reading reading = attempt.finish();
        lastIsComplete = isComplete(reading);
        if (lastIsComplete || reading.usage() != null || attempt.sawOutput()) {
          withOutput++;
          allAreComplete &= lastIsComplete;
          Reading whole = lastIsComplete ? reading : filled(reading, attempt.deliveredCharacters());
          charged = charged == null ? whole : Readings.sum(charged, whole);
        }
      }
      if (charged == null && failure == null) {
        charged = filled(Reading.NOTHING, 0);
      }
      outcome = outcome(failure, lastIsComplete);
      id = Answers.requestId(response);
      boolean abandoned = detached || (charged != null && (withOutput == 0 || !allAreComplete));
      facts =
          new StreamFacts(attempts.size(), withOutput, firstChunkNanos, abandoned ? rule : null);
    }
    if (charged != null) {
      call.close(outcome, charged, id, facts);
    } else if (failure != null) {
      call.failed(failure, facts);
    }
  }

  private CallOutcome outcome(@Nullable Throwable failure, boolean lastIsComplete) {
    if (failure != null) {
      return Failures.outcome(failure);
    }
    if (detached || (cancelledByCaller && !lastIsComplete)) {
      return new CallOutcome.Cancelled();
    }
    return lastIsComplete ? new CallOutcome.Completed() : new CallOutcome.Truncated();
  }

  /** A reading with what it lacks, as the rule for abandoned streams says. */
  private Reading filled(Reading reading, long deliveredCharacters) {
    Usage estimate = call.call().estimate();
    if (rule == AbandonedStreams.ESTIMATE_FROM_DELIVERED) {
      long delivered = (deliveredCharacters + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
      estimate = estimate.with(Meter.OUTPUT, Math.min(delivered, estimate.outputTokens()));
    }
    return Readings.filled(reading, estimate, "the stream ended before it reported its usage");
  }
}
