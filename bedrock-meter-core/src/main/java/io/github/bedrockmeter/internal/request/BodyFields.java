// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Where the providers' bodies limit their output. Stateless. */
final class BodyFields {
  /** Without a table of names, which requests with names of their own would fill. */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(10_000)
                  .build())
          .build();

  static final Set<String> OUTPUT_LIMITS =
      Set.of(
          "max_tokens",
          "max_completion_tokens",
          "max_tokens_to_sample",
          "max_new_tokens",
          "max_gen_len",
          "maxTokens",
          "maxTokenCount",
          "maxNewTokens");

  /** Where a limit may stand besides the top. Deeper down it is a text or a tool's argument. */
  static final Set<String> LIMIT_GROUPS =
      Set.of("inferenceConfig", "textGenerationConfig", "parameters");

  /** Where a request says how long the model may think, in the families that do. */
  static final List<String> THINKING = List.of("thinking", "reasoning_config");

  /** The tokens it may think for, a part of the output. */
  static final String THINKING_BUDGET = "budget_tokens";

  private BodyFields() {}

  /**
   * Whether a field at this depth belongs to the request itself.
   *
   * @param depth how many objects it is in
   * @param object the name of the innermost
   */
  static boolean isNearTheTop(int depth, String object) {
    return depth == 1 || (depth == 2 && LIMIT_GROUPS.contains(object));
  }

  /** The number at which a parser stands, as a count that fits an int. */
  static long clamped(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT, LONG -> Math.min(Integer.MAX_VALUE, Math.max(0, parser.getLongValue()));
      default -> Integer.MAX_VALUE;
    };
  }
}
