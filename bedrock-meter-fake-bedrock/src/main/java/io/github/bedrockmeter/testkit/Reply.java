// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link FakeBedrock} answers, defined once and rendered for the operation that is called.
 *
 * <p>{@code Reply.text("Hello").inputTokens(10).outputTokens(20)} becomes a Converse body, a
 * ConverseStream, an InvokeModel body with its count headers, an InvokeModelWithResponseStream in
 * the shape of the model's family, or the answer to CountTokens. The family follows from the model
 * id; an id without one, as an application profile's ARN, gets chat completions. Immutable and
 * thread-safe: every setting returns a copy, so other replies can be derived from one.
 *
 * <p>Token counts are disjoint, as on Bedrock's wire: input excludes cache reads and cache writes.
 * {@link #error}, {@link #recorded}, {@link #reset} and {@link #silence} ignore settings about the
 * text, its tokens and its stream.
 */
public final class Reply {

  enum Kind {
    TEXT,
    ERROR,
    RECORDED,
    RESET,
    SILENCE
  }

  /** How a stream stops short of its end. */
  enum Interruption {
    NONE,
    EXCEPTION,
    END,
    DROP,
    CORRUPT_FRAME
  }

  // Assigned only while a copy is made, before another thread can see it.
  final Kind kind;
  final String text;
  int status = 200;
  @Nullable String errorType;
  byte[] recordedBody = new byte[0];
  @Nullable Long inputTokens;
  @Nullable Long outputTokens;
  @Nullable Long cacheReadTokens;
  long cacheWriteTokensWithoutTtl;

  /** By name, which is also Bedrock's order: 1h before 5m. */
  Map<String, Long> cacheWriteTokens = Collections.emptyMap();

  boolean usageReported = true;
  boolean guardrailIntervened;
  @Nullable String stopReason;
  @Nullable String serviceTier;
  @Nullable String performanceLatency;
  @Nullable String requestId;
  Map<String, String> headers = Collections.emptyMap();
  int chunks;
  Duration delay = Duration.ZERO;
  Duration delayBetweenChunks = Duration.ZERO;
  int trickleBytes;
  Duration trickleDelay = Duration.ZERO;
  Interruption interruption = Interruption.NONE;
  int interruptedAfterChunks;
  String exceptionType = "";
  String exceptionMessage = "";

  private Reply(Kind kind, String text) {
    this.kind = kind;
    this.text = text;
  }

  private Reply(Reply other) {
    kind = other.kind;
    text = other.text;
    status = other.status;
    errorType = other.errorType;
    recordedBody = other.recordedBody;
    inputTokens = other.inputTokens;
    outputTokens = other.outputTokens;
    cacheReadTokens = other.cacheReadTokens;
    cacheWriteTokensWithoutTtl = other.cacheWriteTokensWithoutTtl;
    cacheWriteTokens = other.cacheWriteTokens;
    usageReported = other.usageReported;
    guardrailIntervened = other.guardrailIntervened;
    stopReason = other.stopReason;
    serviceTier = other.serviceTier;
    performanceLatency = other.performanceLatency;
    requestId = other.requestId;
    headers = other.headers;
    chunks = other.chunks;
    delay = other.delay;
    delayBetweenChunks = other.delayBetweenChunks;
    trickleBytes = other.trickleBytes;
    trickleDelay = other.trickleDelay;
    interruption = other.interruption;
    interruptedAfterChunks = other.interruptedAfterChunks;
    exceptionType = other.exceptionType;
    exceptionMessage = other.exceptionMessage;
  }

  private Reply with(Consumer<Reply> change) {
    Reply copy = new Reply(this);
    change.accept(copy);
    return copy;
  }

  /**
   * The model answers {@code text}. Unless set, it consumed one input token for every four
   * characters of the request's body, rounded up, and produced 16 output tokens.
   */
  public static Reply text(String text) {
    return new Reply(Kind.TEXT, text);
  }

  /**
   * Bedrock refuses the call before any output.
   *
   * @param status HTTP status, 400 to 599
   * @param type exception name as AWS writes it, for instance {@code ValidationException}
   */
  public static Reply error(int status, String type, String message) {
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status must be from 400 to 599: " + status);
    }
    Reply error = new Reply(Kind.ERROR, message);
    error.status = status;
    error.errorType = type;
    return error;
  }

  /** 429 ThrottlingException, which the SDK retries. */
  public static Reply throttled() {
    return error(429, "ThrottlingException", "Too many requests, please wait before trying again.");
  }

  /** 503 ServiceUnavailableException, which the SDK retries. */
  public static Reply unavailable() {
    return error(
        503, "ServiceUnavailableException", "The service is currently unavailable, try again.");
  }

  /**
   * Replays a response byte for byte. Of the headers only {@code Content-Length} and {@code
   * Transfer-Encoding} are replaced by our own framing.
   */
  public static Reply recorded(int status, Map<String, String> headers, byte[] body) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status must be from 200 to 599: " + status);
    }
    Reply recorded = new Reply(Kind.RECORDED, "");
    recorded.status = status;
    recorded.recordedBody = body.clone();
    Map<String, String> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    kept.putAll(headers);
    kept.remove("content-length");
    kept.remove("transfer-encoding");
    recorded.headers = Collections.unmodifiableMap(kept);
    return recorded;
  }

  /**
   * The connection is reset by a TCP RST before any byte of a response. Over HTTP/2 that also
   * resets the other calls on the connection.
   */
  public static Reply reset() {
    return new Reply(Kind.RESET, "");
  }

  /** The request is read and never answered; the connection stays open until either side closes. */
  public static Reply silence() {
    return new Reply(Kind.SILENCE, "");
  }

  /** Input tokens neither read from nor written to the prompt cache. */
  public Reply inputTokens(long tokens) {
    return with(r -> r.inputTokens = nonNegative(tokens));
  }

  /** Output tokens, those of reasoning included. */
  public Reply outputTokens(long tokens) {
    return with(r -> r.outputTokens = nonNegative(tokens));
  }

  /** Prompt tokens served from the prompt cache. If not set, no cache-read count is reported. */
  public Reply cacheReadTokens(long tokens) {
    return with(r -> r.cacheReadTokens = nonNegative(tokens));
  }

  /**
   * Prompt tokens written to the prompt cache, reported with their time to live. Call it once for
   * each; Bedrock's total is their sum.
   *
   * @param ttl {@code "5m"} or {@code "1h"}
   */
  public Reply cacheWriteTokens(String ttl, long tokens) {
    if (!ttl.equals("5m") && !ttl.equals("1h")) {
      throw new IllegalArgumentException("ttl must be 5m or 1h: " + ttl);
    }
    Map<String, Long> writes = new TreeMap<>();
    writes.putAll(cacheWriteTokens);
    writes.put(ttl, nonNegative(tokens));
    return with(r -> r.cacheWriteTokens = Collections.unmodifiableMap(writes));
  }

  /**
   * Prompt tokens written to the prompt cache by a model that does not report their time to live.
   */
  public Reply cacheWriteTokens(long tokens) {
    return with(r -> r.cacheWriteTokensWithoutTtl = nonNegative(tokens));
  }

  /** Leaves out every count in body, headers and stream; CountTokens still counts. */
  public Reply withoutUsage() {
    return with(r -> r.usageReported = false);
  }

  /**
   * How many text deltas a stream has: by default three, or as many as the interruption needs. The
   * last ones are empty if the text is too short.
   */
  public Reply chunks(int chunks) {
    if (chunks < 1) {
      throw new IllegalArgumentException("chunks must be at least 1: " + chunks);
    }
    return with(r -> r.chunks = chunks);
  }

  /** Waits before the first byte of the response, or before the reset. */
  public Reply delay(Duration delay) {
    return with(r -> r.delay = nonNegative(delay));
  }

  /** Waits between two text deltas of a stream. */
  public Reply delayBetweenChunks(Duration delay) {
    return with(r -> r.delayBetweenChunks = nonNegative(delay));
  }

  /**
   * Cuts the body into writes of {@code bytesPerWrite} bytes with a pause before each but the
   * first, in place of {@link #delayBetweenChunks}.
   */
  public Reply trickle(int bytesPerWrite, Duration pause) {
    if (bytesPerWrite < 1) {
      throw new IllegalArgumentException("bytesPerWrite must be at least 1: " + bytesPerWrite);
    }
    return with(
        r -> {
          r.trickleBytes = bytesPerWrite;
          r.trickleDelay = nonNegative(pause);
        });
  }

  /** The tier that served the request: {@code default}, {@code priority}, {@code flex}, ... */
  public Reply serviceTier(String tier) {
    return with(r -> r.serviceTier = tier);
  }

  /** The latency mode that served the request: {@code standard} or {@code optimized}. */
  public Reply performanceLatency(String latency) {
    return with(r -> r.performanceLatency = latency);
  }

  /**
   * Why the model stopped, written as given; if unset, each shape has its own word for "finished".
   */
  public Reply stopReason(String reason) {
    return with(r -> r.stopReason = reason);
  }

  /**
   * A guardrail intervened and the text is its message. With neither input nor output tokens set,
   * the prompt was blocked: the model did not run, Converse reports zeros and InvokeModel reports
   * no counts. With tokens set, the output was blocked.
   */
  public Reply guardrailIntervened() {
    return with(r -> r.guardrailIntervened = true);
  }

  /** The {@code x-amzn-RequestId} of every response made from this reply; random if not set. */
  public Reply requestId(String id) {
    return with(r -> r.requestId = id);
  }

  /** Adds a response header, or replaces the one of that name. */
  public Reply header(String name, String value) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(headers);
    all.put(name, value);
    return with(r -> r.headers = Collections.unmodifiableMap(all));
  }

  /**
   * Breaks a stream with an exception frame after {@code chunks} text deltas; after none, the
   * exception is the whole stream. Calls that do not stream succeed.
   *
   * @param type as on the wire, for instance {@code throttlingException}
   */
  public Reply failAfterChunks(int chunks, String type, String message) {
    return interrupted(Interruption.EXCEPTION, chunks)
        .with(
            r -> {
              r.exceptionType = type;
              r.exceptionMessage = message;
            });
  }

  /**
   * Ends a stream as HTTP requires after {@code chunks} text deltas, before the events that carry
   * usage. Calls that do not stream are answered whole.
   */
  public Reply endAfterChunks(int chunks) {
    return interrupted(Interruption.END, chunks);
  }

  /**
   * Closes the socket in the middle of the frame that follows {@code chunks} text deltas, without
   * the end HTTP requires. A body that does not stream is cut in half. Over HTTP/2 that also resets
   * the other calls on the connection.
   */
  public Reply dropAfterChunks(int chunks) {
    return interrupted(Interruption.DROP, chunks);
  }

  /**
   * Breaks the checksum of the frame that follows {@code chunks} text deltas, and ends the stream
   * there. Calls that do not stream are answered whole.
   */
  public Reply corruptFrameAfterChunks(int chunks) {
    return interrupted(Interruption.CORRUPT_FRAME, chunks);
  }

  private Reply interrupted(Interruption how, int chunks) {
    if (chunks < 0) {
      throw new IllegalArgumentException("chunks must not be negative: " + chunks);
    }
    return with(
        r -> {
          r.interruption = how;
          r.interruptedAfterChunks = chunks;
        });
  }

  private static long nonNegative(long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + tokens);
    }
    return tokens;
  }

  private static Duration nonNegative(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative: " + delay);
    }
    return delay;
  }
}
