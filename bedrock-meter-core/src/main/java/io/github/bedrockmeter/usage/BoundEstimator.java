// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import io.github.bedrockmeter.usage.InvokeBody.Bound;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.ToolResultContentBlock;

/** The estimator behind {@link UsageEstimator#bound}. Stateless. */
enum BoundEstimator implements UsageEstimator {
  INSTANCE;

  /** What a chat template puts around a message: role, separators. */
  static final long TOKENS_PER_MESSAGE = 16;

  /** What providers put before the first tool: instructions for tool use. */
  static final long TOKENS_FOR_TOOL_USE = 1_024;

  /** Names and braces around one tool definition. */
  static final long TOKENS_PER_TOOL = 64;

  /** No vision model on Bedrock makes more of one image. */
  static final long TOKENS_PER_IMAGE = 8_192;

  /**
   * A document or a video is text, pages or frames: its bytes, or this much if that is more, since
   * a compressed page can be a few hundred bytes.
   */
  static final long LEAST_TOKENS_PER_FILE = 65_536;

  @Override
  public Usage estimate(BedrockRuntimeRequest request, long maxOutputTokens) {
    if (request instanceof ConverseRequest converse) {
      return converse(
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
          converse.additionalModelRequestFields(),
          converse.inferenceConfig(),
          maxOutputTokens);
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse(
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
          converse.additionalModelRequestFields(),
          converse.inferenceConfig(),
          maxOutputTokens);
    }
    if (request instanceof InvokeModelRequest invoke) {
      return invoke(invoke.body(), maxOutputTokens);
    }
    if (request instanceof InvokeModelWithResponseStreamRequest invoke) {
      return invoke(invoke.body(), maxOutputTokens);
    }
    throw new IllegalArgumentException("no estimate for " + request.getClass().getSimpleName());
  }

  private static Usage invoke(@Nullable SdkBytes body, long maxOutputTokens) {
    Bound bound = body == null ? Bound.EMPTY : InvokeBody.bound(body.asByteArrayUnsafe());
    long output = bound.maxOutputTokens() >= 0 ? bound.maxOutputTokens() : maxOutputTokens;
    return estimated(bound.inputTokens(), output);
  }

  private static Usage converse(
      List<Message> messages,
      List<SystemContentBlock> system,
      @Nullable ToolConfiguration tools,
      @Nullable Document additionalFields,
      @Nullable InferenceConfiguration inference,
      long maxOutputTokens) {
    long input = TOKENS_PER_MESSAGE;
    for (int i = 0; i < messages.size(); i++) {
      input += TOKENS_PER_MESSAGE + content(messages.get(i).content());
    }
    for (int i = 0; i < system.size(); i++) {
      input += TOKENS_PER_MESSAGE + utf8(system.get(i).text());
    }
    if (tools != null && tools.hasTools()) {
      input += TOKENS_FOR_TOOL_USE;
      for (Tool tool : tools.tools()) {
        input += TOKENS_PER_TOOL;
        if (tool.toolSpec() != null) {
          input += utf8(tool.toolSpec().name()) + utf8(tool.toolSpec().description());
          if (tool.toolSpec().inputSchema() != null) {
            input += document(tool.toolSpec().inputSchema().json());
          }
        }
      }
    }
    input += document(additionalFields);
    Integer maxTokens = inference == null ? null : inference.maxTokens();
    return estimated(input, maxTokens == null ? maxOutputTokens : Math.max(0, maxTokens));
  }

  private static long content(List<ContentBlock> blocks) {
    long tokens = 0;
    for (int i = 0; i < blocks.size(); i++) {
      ContentBlock block = blocks.get(i);
      String text = block.text();
      tokens += text == null ? TOKENS_PER_TOOL + other(block) : utf8(text);
    }
    return tokens;
  }

  private static long other(ContentBlock block) {
    if (block.image() != null) {
      return TOKENS_PER_IMAGE;
    }
    if (block.document() != null) {
      SdkBytes bytes = block.document().source() == null ? null : block.document().source().bytes();
      return file(bytes) + utf8(block.document().name());
    }
    if (block.video() != null) {
      return file(block.video().source() == null ? null : block.video().source().bytes());
    }
    if (block.toolUse() != null) {
      return utf8(block.toolUse().name()) + document(block.toolUse().input());
    }
    if (block.toolResult() != null) {
      long tokens = 0;
      for (ToolResultContentBlock result : block.toolResult().content()) {
        tokens += TOKENS_PER_TOOL + utf8(result.text()) + document(result.json());
        if (result.image() != null) {
          tokens += TOKENS_PER_IMAGE;
        }
        if (result.document() != null) {
          tokens +=
              file(result.document().source() == null ? null : result.document().source().bytes());
        }
        if (result.video() != null) {
          tokens += file(result.video().source() == null ? null : result.video().source().bytes());
        }
      }
      return tokens;
    }
    if (block.guardContent() != null && block.guardContent().text() != null) {
      return utf8(block.guardContent().text().text());
    }
    if (block.reasoningContent() != null && block.reasoningContent().reasoningText() != null) {
      return utf8(block.reasoningContent().reasoningText().text());
    }
    return 0;
  }

  private static long file(@Nullable SdkBytes bytes) {
    return Math.max(LEAST_TOKENS_PER_FILE, bytes == null ? 0 : bytes.asByteArrayUnsafe().length);
  }

  /** At least the bytes of a document written as JSON. */
  private static long document(@Nullable Document document) {
    if (document == null || document.isNull()) {
      return 0;
    }
    if (document.isString()) {
      return 2 + utf8(document.asString());
    }
    if (document.isMap()) {
      long bytes = 2;
      for (Map.Entry<String, Document> entry : document.asMap().entrySet()) {
        bytes += 4 + utf8(entry.getKey()) + document(entry.getValue());
      }
      return bytes;
    }
    if (document.isList()) {
      long bytes = 2;
      for (Document element : document.asList()) {
        bytes += 1 + document(element);
      }
      return bytes;
    }
    return document.isNumber() ? document.asNumber().stringValue().length() : 5;
  }

  private static Usage estimated(long input, long output) {
    return new Usage(input, output, 0, 0, 0, 0, Map.of(), Usage.Sources.all(Source.ESTIMATED));
  }

  /** Bytes of the UTF-8 form, without making it. */
  static long utf8(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // Half a surrogate pair counts 2 of the pair's 4 bytes.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }
}
