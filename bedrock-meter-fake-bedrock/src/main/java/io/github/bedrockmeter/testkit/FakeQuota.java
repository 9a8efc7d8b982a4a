// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The service quota of one model, by Bedrock's published rule: a call takes its input and the whole
 * of {@code max_tokens} when it starts, and is throttled if that is too much. When it ends, it is
 * charged input, cache writes and output times the burndown rate; the rest is given back. Cache
 * reads are free.
 *
 * <p>AWS does not publish what exactly counts as a minute. This is the strictest reading: the last
 * sixty seconds. What is given back counts from the time the call began, what is charged on top
 * from the time it ended. Until the call has ended, its input is estimated at one token for every
 * four characters of the body; the model's maximum is 8,192 output tokens.
 *
 * <p>A call ends when its script has answered; the delays of a reply come after that. To keep calls
 * in flight, let the script wait. Thread-safe. Give one to {@link FakeBedrock#limit}.
 */
public final class FakeQuota {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long MODEL_MAXIMUM = 8_192;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LIMITS =
      List.of("maxTokens", "max_tokens", "max_completion_tokens", "max_gen_len", "maxTokenCount");

  private final long tokensPerMinute;
  private final long requestsPerMinute;
  private final long burndown;
  private final LongSupplier nanoClock;
  private final Deque<Booking> lastMinute = new ArrayDeque<>();
  private final List<Long> requests = new ArrayList<>();
  private long tokensUsed;
  private long throttled;

  /**
   * @param tokensPerMinute quota of tokens, {@code Long.MAX_VALUE} for none
   * @param requestsPerMinute quota of requests, {@code Long.MAX_VALUE} for none
   * @param burndown what each output token takes of the token quota when a call has ended
   * @param nanoClock time in nanoseconds from any origin, {@code System::nanoTime} or a test's own
   */
  public FakeQuota(
      long tokensPerMinute, long requestsPerMinute, long burndown, LongSupplier nanoClock) {
    this.tokensPerMinute = tokensPerMinute;
    this.requestsPerMinute = requestsPerMinute;
    this.burndown = burndown;
    this.nanoClock = nanoClock;
  }

  /** The tokens a call takes and since when. Guarded by the quota. */
  static final class Booking {
    private final long atNanos;
    private long tokens;

    private Booking(long atNanos, long tokens) {
      this.atNanos = atNanos;
      this.tokens = tokens;
    }
  }

  /** Quota tokens that the calls which ended have taken. */
  public synchronized long tokensUsed() {
    return tokensUsed;
  }

  /** How many calls were throttled. */
  public synchronized long throttled() {
    return throttled;
  }

  /** A call starts; null if it is throttled. */
  synchronized @Nullable Booking start(ReceivedRequest request) {
    long now = nanoClock.getAsLong();
    lastMinute.removeIf(booking -> now - booking.atNanos >= MINUTE);
    requests.removeIf(at -> now - at >= MINUTE);
    long inUse = lastMinute.stream().mapToLong(booking -> booking.tokens).sum();
    long needed = Answer.estimatedInput(request) + maxTokens(request);
    if (requests.size() >= requestsPerMinute || needed > tokensPerMinute - inUse) {
      throttled++;
      return null;
    }
    requests.add(now);
    Booking booking = new Booking(now, needed);
    lastMinute.add(booking);
    return booking;
  }

  /** A call ends with this reply. */
  synchronized void end(Booking booking, Reply reply, ReceivedRequest request) {
    long used = 0;
    if (reply.kind == Reply.Kind.TEXT) {
      Answer answer = Answer.of(reply, request);
      Long written = answer.cacheWriteTokens();
      used =
          answer.inputTokens() + (written == null ? 0 : written) + answer.outputTokens() * burndown;
    }
    tokensUsed += used;
    if (used > booking.tokens) {
      lastMinute.add(new Booking(nanoClock.getAsLong(), used - booking.tokens));
    } else {
      booking.tokens = used;
    }
  }

  private static long maxTokens(ReceivedRequest request) {
    try {
      JsonNode body = JSON.readTree(request.body());
      for (String name : LIMITS) {
        JsonNode limit = body.findValue(name);
        if (limit != null && limit.canConvertToLong()) {
          return limit.asLong();
        }
      }
    } catch (IOException notJson) {
      // The model's maximum applies.
    }
    return MODEL_MAXIMUM;
  }
}
