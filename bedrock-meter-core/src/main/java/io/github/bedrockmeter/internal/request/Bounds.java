// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.internal.request.InvokeBody.Bound;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.AudioBlock;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.DocumentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailConverseImageBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ImageBlock;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.VideoBlock;

/**
 * Upper bounds of what calls may consume, without a tokenizer: a token is at least one byte of
 * UTF-8. Stateless.
 */
public final class Bounds {
  /*
   * Texts, the common case, are counted directly. Everything else is walked field by field through
   * the SDK's own description of its types, so that a kind of block we have never heard of counts
   * too: all its texts, and all its bytes.
   */
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

  /** Parts of a Converse request that are counted apart, or are no part of the prompt. */
  private static final Set<String> COUNTED_APART =
      Set.of(
          "modelId",
          "messages",
          "system",
          "toolConfig",
          "inferenceConfig",
          "guardrailConfig",
          "requestMetadata",
          "performanceConfig",
          "serviceTier",
          "additionalModelResponseFieldPaths");

  private Bounds() {}

  /**
   * The upper bound of a request to a model that counts tokens.
   *
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own
   */
  public static Usage of(BedrockRuntimeRequest request, long maxOutputTokens) {
    if (request instanceof ConverseRequest converse) {
      return converse(
          converse,
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
          converse.inferenceConfig(),
          maxOutputTokens);
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse(
          converse,
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
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
    return estimated(bound.inputTokens(), Math.multiplyExact(output, bound.answers()));
  }

  private static Usage converse(
      BedrockRuntimeRequest request,
      List<Message> messages,
      List<SystemContentBlock> system,
      @Nullable ToolConfiguration tools,
      @Nullable InferenceConfiguration inference,
      long maxOutputTokens) {
    long input = TOKENS_PER_MESSAGE;
    for (int i = 0; i < messages.size(); i++) {
      input += TOKENS_PER_MESSAGE + content(messages.get(i).content());
    }
    for (int i = 0; i < system.size(); i++) {
      SystemContentBlock block = system.get(i);
      input += TOKENS_PER_MESSAGE + (block.text() == null ? walk(block) : utf8(block.text()));
    }
    if (tools != null) {
      input += TOKENS_FOR_TOOL_USE + tools.tools().size() * TOKENS_PER_BLOCK + walk(tools);
    }
    List<SdkField<?>> fields = request.sdkFields();
    for (int i = 0; i < fields.size(); i++) {
      SdkField<?> field = fields.get(i);
      if (!COUNTED_APART.contains(field.locationName())) {
        input += walk(field.getValueOrDefault(request));
      }
    }
    Integer maxTokens = inference == null ? null : inference.maxTokens();
    return estimated(input, maxTokens == null ? maxOutputTokens : Math.max(0, maxTokens));
  }

  private static long content(List<ContentBlock> blocks) {
    long tokens = 0;
    for (int i = 0; i < blocks.size(); i++) {
      ContentBlock block = blocks.get(i);
      if (block != null) {
        String text = block.text();
        tokens += text == null ? TOKENS_PER_BLOCK + walk(block) : utf8(text);
      }
    }
    return tokens;
  }

  /** At least the tokens of a value, whatever it is. */
  private static long walk(@Nullable Object value) {
    if (value instanceof String text) {
      return utf8(text) + 2;
    }
    if (value instanceof ImageBlock || value instanceof GuardrailConverseImageBlock) {
      return TOKENS_PER_IMAGE;
    }
    if (value instanceof SdkBytes bytes) {
      return bytes.asByteArrayUnsafe().length;
    }
    if (value instanceof Document document) {
      return document(document);
    }
    long tokens = 0;
    if (value instanceof SdkPojo pojo) {
      if (value instanceof DocumentBlock
          || value instanceof VideoBlock
          || value instanceof AudioBlock) {
        tokens = TOKENS_PER_FILE;
      }
      for (SdkField<?> field : pojo.sdkFields()) {
        tokens += walk(field.getValueOrDefault(pojo));
      }
    } else if (value instanceof Collection<?> values) {
      for (Object each : values) {
        tokens += 2 + walk(each);
      }
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        tokens += 4 + walk(entry.getKey()) + walk(entry.getValue());
      }
    }
    return tokens;
  }

  /** At least the bytes of a document written as JSON. */
  private static long document(Document document) {
    if (document.isNull()) {
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
