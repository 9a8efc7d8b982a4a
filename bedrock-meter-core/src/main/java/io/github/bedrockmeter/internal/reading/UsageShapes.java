// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

/**
 * What the providers write in a {@code usage}, and in what it has beneath. All of it is to be
 * understood: what is not named here is noted, since it may be charged.
 */
final class UsageShapes {
  private UsageShapes() {}

  static void usage(Shape shape, String at) {
    prompt(shape, at);
    shape
        .last(at + "output_tokens", Field.OUTPUT)
        .last(at + "outputTokens", Field.OUTPUT)
        .last(at + "completion_tokens", Field.OUTPUT)
        .last(at + "totalTokens", Field.TOTAL)
        .last(at + "total_tokens", Field.TOTAL);
    for (String details : new String[] {"output_tokens_details", "completion_tokens_details"}) {
      shape
          .ignore(
              at + details,
              "reasoning_tokens",
              "thinking_tokens",
              "text_tokens",
              "accepted_prediction_tokens",
              "rejected_prediction_tokens")
          .strict(at + details);
    }
    samplings(shape, at + "iterations");
  }

  /** An answer that the model was sampled for more than once lists what each sampling used. */
  private static void samplings(Shape shape, String at) {
    String each = at + "[].";
    shape
        .parts(at, Field.PARTS)
        .partType(each + "type", Field.PARTS)
        .sum(each + "input_tokens", Field.PARTS_INPUT)
        .sum(each + "inputTokens", Field.PARTS_INPUT)
        .sum(each + "output_tokens", Field.PARTS_OUTPUT)
        .sum(each + "outputTokens", Field.PARTS_OUTPUT)
        .sum(each + "cache_read_input_tokens", Field.PARTS_CACHE_READ)
        .sum(each + "cache_creation_input_tokens", Field.PARTS_CACHE_WRITE)
        .sum(each + "cache_creation.ephemeral_5m_input_tokens", Field.PARTS_CACHE_WRITE_5M)
        .sum(each + "cache_creation.ephemeral_1h_input_tokens", Field.PARTS_CACHE_WRITE_1H)
        .strict(each + "cache_creation")
        .ignore(at + "[]", "output_tokens_details")
        .strict(at + "[]");
  }

  static void prompt(Shape shape, String at) {
    // Anthropic Messages
    shape
        .last(at + "input_tokens", Field.INPUT)
        .last(at + "cache_read_input_tokens", Field.CACHE_READ)
        .last(at + "cache_creation_input_tokens", Field.CACHE_WRITE)
        .last(at + "cache_creation.ephemeral_5m_input_tokens", Field.CACHE_WRITE_5M)
        .last(at + "cache_creation.ephemeral_30m_input_tokens", Field.CACHE_WRITE_30M)
        .last(at + "cache_creation.ephemeral_1h_input_tokens", Field.CACHE_WRITE_1H)
        .last(at + "cache_creation.*", Field.CACHE_WRITE_OTHER)
        .word(at + "service_tier", Field.TIER)
        .last(at + "server_tool_use.web_search_requests", Field.WEB_SEARCHES)
        .last(at + "server_tool_use.code_execution_requests", Field.CODE_RUNS)
        .ignore(at + "server_tool_use", "web_fetch_requests", "tool_search_requests")
        .strict(at + "server_tool_use")
        .ignore(at.substring(0, at.length() - 1), "inference_geo");
    // Nova, and Converse as it is written
    shape
        .last(at + "inputTokens", Field.INPUT)
        .last(at + "cacheReadInputTokenCount", Field.CACHE_READ)
        .last(at + "cacheWriteInputTokenCount", Field.CACHE_WRITE)
        .last(at + "cacheReadInputTokens", Field.CACHE_READ)
        .last(at + "cacheWriteInputTokens", Field.CACHE_WRITE)
        .strict(at + "serverToolUsage");
    // OpenAI: Jamba, Mistral chat, DeepSeek, gpt-oss, Qwen, Writer, imported models
    shape
        .last(at + "prompt_tokens", Field.PROMPT)
        .last(at + "cached_tokens", Field.CACHE_READ)
        .last(at + "prompt_cache_hit_tokens", Field.CACHE_READ)
        .ignore(at.substring(0, at.length() - 1), "prompt_cache_miss_tokens");
    cacheDetails(shape, at + "prompt_tokens_details");
    cacheDetails(shape, at + "input_tokens_details");
    shape.each(at + "input_tokens_details", Field.CACHE_DETAILS);
    shape.strict(at.substring(0, at.length() - 1));
  }

  /** What of an input was read from the cache and written to it, where the input includes it. */
  private static void cacheDetails(Shape shape, String at) {
    for (String read : new String[] {"cached_tokens", "cache_read_tokens", "cached_read_tokens"}) {
      shape.last(at + "." + read, Field.CACHE_READ);
    }
    for (String written :
        new String[] {
          "cache_write_tokens",
          "cached_write_tokens",
          "cache_creation_tokens",
          "cache_creation_input_tokens"
        }) {
      shape.last(at + "." + written, Field.CACHE_WRITE);
    }
    shape.ignore(at, "text_tokens").strict(at);
  }
}
