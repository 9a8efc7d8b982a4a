// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.internal.support.Failures;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;

/**
 * What an instrumented HTTP client, or an interceptor, sees of one call: each attempt, whether its
 * body began to leave, and with what status it was answered. Nothing that is seen leaves after the
 * call has ended. Thread-safe.
 */
public final class Sending implements Sight {
  /*
   * A synchronous call is sent on its caller's thread, so there its sending stands in a thread
   * local; an asynchronous one carries it among the HTTP attributes of its request.
   */
  private static final ThreadLocal<Sending> CURRENT = new ThreadLocal<>();

  private final boolean isCertain;
  private @Nullable Attempt last;
  private boolean ended;
  private @Nullable String modelId;
  private @Nullable BedrockRuntimeRequest expected;
  private @Nullable BedrockRuntimeRequest changed;
  private @Nullable BedrockRuntimeResponse answer;

  /**
   * The sending of one call.
   *
   * @param isCertain whether the call's client surely sends through an instrumented HTTP client, so
   *     that a call without an attempt was not sent
   */
  Sending(boolean isCertain) {
    this.isCertain = isCertain;
  }

  /** The sending of the synchronous call that this thread makes; null if there is none. */
  public static @Nullable Sending current() {
    return CURRENT.get();
  }

  /** Begins a synchronous call on this thread; returns what to give to {@link #leave}. */
  public @Nullable Sending enter() {
    Sending before = CURRENT.get();
    CURRENT.set(this);
    return before;
  }

  /** Ends a synchronous call on this thread; leaves nothing behind. */
  public static void leave(@Nullable Sending before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  /** The SDK begins an attempt. */
  public synchronized Attempt begin() {
    last = new Attempt(last);
    return last;
  }

  /** One attempt of the SDK. */
  public final class Attempt {
    private final @Nullable Attempt earlier;
    private boolean left;
    private boolean isUnseen;
    private int status;

    private Attempt(@Nullable Attempt earlier) {
      this.earlier = earlier;
    }

    /**
     * The body is about to leave.
     *
     * @param model the model that the URL names
     * @return false if the call has ended, so that nothing may leave any more
     */
    public boolean leaves(@Nullable String model) {
      synchronized (Sending.this) {
        if (ended && !left) {
          return false;
        }
        left = true;
        modelId = model;
        return true;
      }
    }

    /**
     * The attempt is about to be made, and its body cannot be seen: how the call ends shows whether
     * it left.
     *
     * @param model the model that the URL names
     */
    public void mayLeave(@Nullable String model) {
      synchronized (Sending.this) {
        isUnseen = true;
        left = true;
        modelId = model;
      }
    }

    /** The attempt was answered with this HTTP status. */
    public void answered(int httpStatus) {
      synchronized (Sending.this) {
        left = true;
        status = httpStatus;
      }
    }

    private boolean mayBeBilled() {
      return left && status < 400;
    }

    /** Whether nothing but the way in which the call ended can show whether it left. */
    private boolean isUncertain() {
      return isUnseen && status == 0;
    }
  }

  /** The request that was handed to the client. */
  public synchronized void expects(BedrockRuntimeRequest handed) {
    expected = handed;
  }

  /** The request that is sent, after every interceptor. */
  public synchronized void sends(BedrockRuntimeRequest request) {
    changed = request.equals(expected) ? null : request;
  }

  /** The request that was sent instead of what was admitted; null if it was that. */
  synchronized @Nullable BedrockRuntimeRequest sentInstead() {
    return changed;
  }

  /** The answer, as the SDK reads it, before other interceptors see it. */
  public synchronized void answeredWith(BedrockRuntimeResponse response) {
    answer = response;
  }

  /** The answer of a call that failed on the client's side after it; null if there is none. */
  public synchronized @Nullable BedrockRuntimeResponse answer() {
    return answer;
  }

  /** The model that the URL of the last attempt named; null if nothing left. */
  synchronized @Nullable String modelId() {
    return modelId;
  }

  /** Whether at least one attempt was seen. */
  public synchronized boolean hasAttempts() {
    return last != null;
  }

  /** The call has ended; from now on nothing leaves. Returns whether anything left. */
  synchronized boolean end() {
    ended = true;
    for (Attempt attempt = last; attempt != null; attempt = attempt.earlier) {
      if (attempt.left) {
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized Sent sent() {
    for (Attempt attempt = last; attempt != null; attempt = attempt.earlier) {
      if (attempt.isUncertain()) {
        return Sent.INFERRED;
      }
    }
    return isCertain || last != null ? Sent.SEEN : Sent.INFERRED;
  }

  @Override
  public synchronized @Nullable AttemptFacts facts(boolean streams) {
    int made = 0;
    int unanswered = 0;
    for (Attempt attempt = last; attempt != null; attempt = attempt.earlier) {
      made++;
      boolean inReading = attempt == last || (streams && attempt.status != 0);
      if (attempt.mayBeBilled() && !inReading) {
        unanswered++;
      }
    }
    return made == 0 ? null : new AttemptFacts(made, unanswered);
  }

  @Override
  public synchronized int billed(Throwable failure) {
    if (last == null && !isCertain) {
      return NONE.billed(failure);
    }
    int billed = 0;
    int uncertain = 0;
    for (Attempt attempt = last; attempt != null; attempt = attempt.earlier) {
      if (!attempt.isUncertain()) {
        billed += attempt.mayBeBilled() ? 1 : 0;
      } else if (attempt != last) {
        uncertain++;
      } else if (Failures.lastMayHaveBeenBilled(failure)) {
        billed++;
      }
    }
    return billed + Math.min(uncertain, Failures.earlierBilled(failure));
  }
}
