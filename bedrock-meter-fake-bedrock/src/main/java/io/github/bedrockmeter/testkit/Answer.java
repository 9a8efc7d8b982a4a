// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A text reply to one request with every number known; the wire formats are written from it.
 * Immutable.
 *
 * @param pieces the text, cut into the deltas of a stream
 * @param cacheWriteTokens sum over all times to live, null if not reported
 * @param cacheWriteByTtl the tokens whose time to live is reported, 1h before 5m
 * @param blockedInput a guardrail stopped the prompt, so no model ran
 * @param latencyMillis what the reply claims to have taken
 */
record Answer(
    String modelId,
    List<String> pieces,
    long inputTokens,
    long outputTokens,
    @Nullable Long cacheReadTokens,
    @Nullable Long cacheWriteTokens,
    Map<String, Long> cacheWriteByTtl,
    boolean usageReported,
    boolean guardrailIntervened,
    boolean blockedInput,
    @Nullable String stopReason,
    long latencyMillis) {

  private static final int DEFAULT_CHUNKS = 3;
  private static final long DEFAULT_OUTPUT_TOKENS = 16;
  private static final int CHARS_PER_TOKEN = 4;

  static Answer of(Reply reply, ReceivedRequest request) {
    boolean blocked =
        reply.guardrailIntervened && reply.inputTokens == null && reply.outputTokens == null;
    Long input = reply.inputTokens;
    if (input == null) {
      input = blocked ? 0L : estimatedInput(request);
    }
    Long output = reply.outputTokens;
    if (output == null) {
      output = blocked ? 0L : DEFAULT_OUTPUT_TOKENS;
    }
    long written =
        reply.cacheWriteTokensWithoutTtl
            + reply.cacheWriteTokens.values().stream().mapToLong(Long::longValue).sum();
    boolean writeReported = written > 0 || !reply.cacheWriteTokens.isEmpty();
    int chunks =
        reply.chunks > 0 ? reply.chunks : Math.max(DEFAULT_CHUNKS, reply.interruptedAfterChunks);
    return new Answer(
        request.modelId(),
        cut(reply.text, chunks),
        input,
        output,
        reply.cacheReadTokens,
        writeReported ? (Long) written : null,
        reply.cacheWriteTokens,
        reply.usageReported,
        reply.guardrailIntervened,
        blocked,
        reply.stopReason,
        reply.delay.toMillis());
  }

  /** A request's input tokens if the reply does not set them. */
  static long estimatedInput(ReceivedRequest request) {
    return ceilDiv(request.bodyText().length(), CHARS_PER_TOKEN);
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  private static List<String> cut(String text, int pieces) {
    int codePoints = text.codePointCount(0, text.length());
    int perPiece = (int) ceilDiv(codePoints, pieces);
    List<String> cut = new ArrayList<>(pieces);
    int start = 0;
    for (int piece = 0; piece < pieces; piece++) {
      int length = Math.min(perPiece, text.codePointCount(start, text.length()));
      int end = text.offsetByCodePoints(start, length);
      cut.add(text.substring(start, end));
      start = end;
    }
    return cut;
  }

  String text() {
    return String.join("", pieces);
  }

  /** Output tokens a stream has produced once {@code chunks} of its deltas are sent. */
  long outputTokensAfter(int chunks) {
    return outputTokens * chunks / pieces.size();
  }

  /** The reply's own stop reason, or the shape's word for a model that has finished. */
  String stopReasonOr(String finished) {
    return stopReason != null ? stopReason : finished;
  }

  /** Input, output and cached tokens together, Converse's {@code totalTokens}. */
  long totalTokens() {
    return inputTokens + outputTokens + cachedTokens();
  }

  long cachedTokens() {
    return (cacheReadTokens == null ? 0 : cacheReadTokens)
        + (cacheWriteTokens == null ? 0 : cacheWriteTokens);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
