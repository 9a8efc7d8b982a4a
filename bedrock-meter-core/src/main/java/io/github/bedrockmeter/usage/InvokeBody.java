// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Set;

/**
 * Bounds what an InvokeModel request can consume, from its JSON body. Knows no family: every family
 * writes text as strings, images as long base64 strings, and its output limit under one of a few
 * names.
 */
final class InvokeBody {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(10_000)
                  .build())
          .build();

  private static final Set<String> OUTPUT_LIMITS =
      Set.of(
          "max_tokens",
          "max_completion_tokens",
          "max_tokens_to_sample",
          "max_new_tokens",
          "max_gen_len",
          "maxTokens",
          "maxTokenCount",
          "maxNewTokens");

  /** Fields whose value is a file in base64, in the bodies of the families that take files. */
  private static final Set<String> FILES =
      Set.of("data", "bytes", "inputImage", "image", "images", "mediaSource", "base64String");

  /** Fields that ask for more than one answer. */
  private static final Set<String> ANSWERS = Set.of("n", "num_generations", "numResults");

  /** Shorter strings under such a name may well be text. */
  private static final int SHORTEST_FILE = 1_024;

  private InvokeBody() {}

  /**
   * An upper bound.
   *
   * @param inputTokens at most so many tokens in the prompt
   * @param maxOutputTokens the limit the body sets, for all the answers it asks for; -1 if none
   */
  record Bound(long inputTokens, long maxOutputTokens) {
    static final Bound EMPTY = new Bound(0, -1);
  }

  /** The bound of a body; its length where it is no JSON. */
  static Bound bound(byte[] body) {
    long tokens = body.length;
    long limit = -1;
    long answers = 1;
    try (JsonParser parser = JSON.createParser(body)) {
      String field = "";
      long fileStart = -1;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        long offset = parser.currentTokenLocation().getByteOffset();
        if (fileStart >= 0) {
          // Seen from the next token, so that the parser skips the string without building it.
          tokens += allowance(offset - fileStart);
          fileStart = -1;
        }
        if (token == JsonToken.FIELD_NAME) {
          field = parser.currentName();
        } else if (token == JsonToken.VALUE_STRING && FILES.contains(field)) {
          fileStart = offset;
        } else if (token == JsonToken.VALUE_NUMBER_INT && OUTPUT_LIMITS.contains(field)) {
          limit = Math.max(limit, clamped(parser));
        } else if (token == JsonToken.VALUE_NUMBER_INT && ANSWERS.contains(field)) {
          answers = Math.max(answers, clamped(parser));
        }
      }
    } catch (IOException | RuntimeException notJson) {
      return new Bound(Math.max(body.length, tokens), -1);
    }
    return new Bound(
        Math.max(0, tokens) + BoundEstimator.TOKENS_FOR_TOOL_USE,
        limit < 0 ? -1 : Math.multiplyExact(limit, answers));
  }

  /** What a string of this length under a file's name counts beyond, or below, its bytes. */
  private static long allowance(long base64Length) {
    if (base64Length < SHORTEST_FILE) {
      return 0;
    }
    return Math.max(BoundEstimator.LEAST_TOKENS_PER_FILE, base64Length / 4 * 3) - base64Length;
  }

  private static long clamped(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT, LONG -> Math.min(Integer.MAX_VALUE, Math.max(0, parser.getLongValue()));
      default -> Integer.MAX_VALUE;
    };
  }
}
