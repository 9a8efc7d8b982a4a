// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.ModelId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Changes the limit on its output that an InvokeModel body sets, or gives it one. Stateless. */
final class BodyLimit {
  private BodyLimit() {}

  /**
   * The body with this limit on its output, otherwise the same bytes; null where the meter does not
   * know how: it sets several, or sets none and its family's field is not known.
   */
  static byte @Nullable [] set(byte[] body, Extent extent, String modelId, long limit) {
    if (extent.limitFrom >= 0) {
      return replaced(body, extent.limitFrom, extent.limitTo, Long.toString(limit));
    }
    String field = extent.limit >= 0 || extent.limitPlace <= 0 ? null : field(modelId);
    if (field == null) {
      return null;
    }
    int dot = field.indexOf('.');
    String member = "\"" + field.substring(dot + 1) + "\":" + limit;
    if (dot < 0 || extent.groupPlace <= 0) {
      int place = extent.limitPlace;
      String object = dot < 0 ? member : "\"" + field.substring(0, dot) + "\":{" + member + "}";
      return replaced(body, place, place, object + comma(body, place));
    }
    int place = extent.groupPlace;
    return replaced(body, place, place, member + comma(body, place));
  }

  private static String comma(byte[] body, int place) {
    for (int i = place; i < body.length; i++) {
      if (body[i] > ' ') {
        return body[i] == '}' ? "" : ",";
      }
    }
    return "";
  }

  private static byte[] replaced(byte[] body, int from, int to, String text) {
    byte[] put = text.getBytes(StandardCharsets.US_ASCII);
    byte[] result = new byte[body.length - (to - from) + put.length];
    System.arraycopy(body, 0, result, 0, from);
    System.arraycopy(put, 0, result, from, put.length);
    System.arraycopy(body, to, result, from + put.length, body.length - to);
    return result;
  }

  /** The field in which a model's family limits its output; null where it is not known. */
  private static @Nullable String field(String modelId) {
    ModelId id = ModelId.of(modelId);
    String provider = id.provider();
    return switch (provider == null ? "" : provider) {
      case "anthropic", "cohere", "deepseek", "mistral", "minimax", "moonshot", "moonshotai" ->
          "max_tokens";
      case "nvidia", "qwen", "writer", "xai", "zai", "google" -> "max_tokens";
      case "openai" -> "max_completion_tokens";
      case "meta" -> "max_gen_len";
      case "ai21" -> id.baseId().startsWith("ai21.j2") ? "maxTokens" : "max_tokens";
      case "amazon" ->
          id.baseId().startsWith("amazon.nova-")
              ? "inferenceConfig.maxTokens"
              : id.baseId().startsWith("amazon.titan-t")
                  ? "textGenerationConfig.maxTokenCount"
                  : null;
      default -> null;
    };
  }
}
