// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.List;
import java.util.Set;

/** Where the providers' bodies limit their output. Stateless. */
final class BodyFields {
  private static final Set<String> OUTPUT_LIMITS =
      Set.of(
          "max_tokens",
          "max_completion_tokens",
          "max_output_tokens",
          "max_tokens_to_sample",
          "max_new_tokens",
          "max_gen_len",
          "maxTokens",
          "maxOutputTokens",
          "maxTokenCount",
          "maxNewTokens");

  /** Where a limit may stand besides the top. Deeper down it is a text or a tool's argument. */
  static final Set<String> LIMIT_GROUPS =
      Set.of("inferenceConfig", "textGenerationConfig", "parameters", "generationConfig");

  /** Where a request says how long the model may think, in the families that do. */
  static final List<String> THINKING = List.of("thinking", "reasoning_config", "reasoningConfig");

  /** The tokens it may think for, a part of the output. */
  static final String THINKING_BUDGET = "budget_tokens";

  private BodyFields() {}

  /** Whether a field under this name limits the output. */
  static boolean isLimit(String field) {
    return OUTPUT_LIMITS.contains(field);
  }

  /** Whether Nova or Titan keep their settings under this name. */
  static boolean isGroupOfAFamily(String name) {
    return name.equals("inferenceConfig") || name.equals("textGenerationConfig");
  }

  /**
   * Whether a field at this depth belongs to the request itself.
   *
   * @param depth how many objects it is in
   * @param object the name of the innermost
   */
  static boolean isNearTheTop(int depth, String object) {
    return depth == 1 || (depth == 2 && LIMIT_GROUPS.contains(object));
  }
}
