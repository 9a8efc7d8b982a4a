// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.ModelId;
import org.jspecify.annotations.Nullable;

/** Tokens that a prompt may have besides those of the bytes it is written in. */
final class Allowances {
  /** What a chat template puts around a message: role, separators. */
  static final long TOKENS_PER_MESSAGE = 16;

  /** What providers put before the first tool: instructions for tool use. */
  static final long TOKENS_FOR_TOOL_USE = 1_024;

  /** Names and braces around one block or tool that is more than a text. */
  static final long TOKENS_PER_BLOCK = 64;

  /** No vision model on Bedrock makes more of one image, apart from those named below. */
  static final long TOKENS_PER_IMAGE = 8_192;

  /**
   * A page of a PDF is given to the model as text and as an image. Its text is in the file's bytes,
   * mostly compressed to less than its tokens; page images measured 1,600 to 2,350 tokens with it.
   */
  static final long TOKENS_PER_PAGE = 2_400;

  /**
   * A file that cannot be looked into is its bytes, and this much besides: an assumption. What lies
   * in S3 is counted as this alone, for its size is not in the request.
   */
  static final long TOKENS_PER_FILE = 65_536;

  /** Nova samples at most 960 frames of a video, whatever its length, at 288 tokens each. */
  static final long TOKENS_PER_NOVA_VIDEO = 960 * 288;

  private Allowances() {}

  /** The most tokens that a model makes of one image. */
  static long perImage(String modelId) {
    String provider = provider(modelId);
    return switch (provider == null ? "" : provider) {
      case "anthropic" -> 5_120; // 4,784 on the models that see most
      case "qwen", "openai", "moonshot", "moonshotai" -> 16_640;
      default -> TOKENS_PER_IMAGE;
    };
  }

  /** Whether it is known how many tokens a model makes of an image. */
  static boolean knowsImages(String modelId) {
    return provider(modelId) != null;
  }

  /** Whether a model samples videos as Nova's first generation does. */
  static boolean samplesVideo(String modelId) {
    String model = ModelId.of(modelId).baseId();
    return model.startsWith("amazon.nova-lite")
        || model.startsWith("amazon.nova-pro")
        || model.startsWith("amazon.nova-premier");
  }

  private static @Nullable String provider(String modelId) {
    return ModelId.of(modelId).provider();
  }
}
