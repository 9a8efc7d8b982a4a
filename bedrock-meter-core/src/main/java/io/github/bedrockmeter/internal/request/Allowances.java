// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

/** Tokens that a prompt may have besides those of the bytes it is written in. */
final class Allowances {
  /** What a chat template puts around a message: role, separators. */
  static final long TOKENS_PER_MESSAGE = 16;

  /** What providers put before the first tool: instructions for tool use. */
  static final long TOKENS_FOR_TOOL_USE = 1_024;

  /** Names and braces around one block or tool that is more than a text. */
  static final long TOKENS_PER_BLOCK = 64;

  /** No vision model on Bedrock makes more of one image. */
  static final long TOKENS_PER_IMAGE = 8_192;

  /**
   * A document, a sound or a video is text, pages or frames: its bytes, and this much besides,
   * since a compressed page can be a few hundred bytes. What lies in S3 is counted as this alone,
   * for its size is not in the request.
   */
  static final long TOKENS_PER_FILE = 65_536;

  private Allowances() {}
}
