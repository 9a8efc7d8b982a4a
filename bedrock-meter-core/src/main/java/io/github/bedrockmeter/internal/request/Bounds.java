// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
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
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.VideoBlock;

/**
 * Upper bounds of what calls may consume, without a tokenizer: a token is at least one byte of
 * UTF-8. Confined to one thread.
 */
public final class Bounds {
  /*
   * Texts, the common case, are counted directly. Everything else is walked field by field through
   * the SDK's own description of its types, so that a kind of block we have never heard of counts
   * too: all its texts, and all its bytes.
   */

  /** Parts of a Converse request that are counted apart, or are no part of the prompt. */
  static final Set<String> COUNTED_APART =
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

  private final String modelId;
  private final Extent extent = new Extent();

  private Bounds(String modelId) {
    this.modelId = modelId;
  }

  /** What a Converse request or its stream may consume. */
  static Extent of(BedrockRuntimeRequest request, String modelId) {
    if (request instanceof ConverseRequest converse) {
      return new Bounds(modelId)
          .converse(
              converse,
              converse.messages(),
              converse.system(),
              converse.toolConfig(),
              converse.inferenceConfig(),
              converse.additionalModelRequestFields());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return new Bounds(modelId)
          .converse(
              converse,
              converse.messages(),
              converse.system(),
              converse.toolConfig(),
              converse.inferenceConfig(),
              converse.additionalModelRequestFields());
    }
    throw new IllegalArgumentException("no estimate for " + request.getClass().getSimpleName());
  }

  private Extent converse(
      BedrockRuntimeRequest request,
      List<Message> messages,
      List<SystemContentBlock> system,
      @Nullable ToolConfiguration tools,
      @Nullable InferenceConfiguration inference,
      @Nullable Document modelFields) {
    long input = Allowances.TOKENS_PER_MESSAGE;
    for (int i = 0; i < messages.size(); i++) {
      input += Allowances.TOKENS_PER_MESSAGE + content(messages.get(i).content());
    }
    for (int i = 0; i < system.size(); i++) {
      SystemContentBlock block = system.get(i);
      input +=
          Allowances.TOKENS_PER_MESSAGE
              + (block.text() == null ? walk(block) : JsonSize.utf8(block.text()));
    }
    if (tools != null) {
      input +=
          Allowances.TOKENS_FOR_TOOL_USE
              + tools.tools().size() * Allowances.TOKENS_PER_BLOCK
              + walk(tools);
      tools.tools().forEach(this::systemTool);
    }
    List<SdkField<?>> fields = request.sdkFields();
    for (int i = 0; i < fields.size(); i++) {
      SdkField<?> field = fields.get(i);
      if (!COUNTED_APART.contains(field.locationName())) {
        input += walk(field.getValueOrDefault(request));
      }
    }
    extent.limit = OutputLimit.of(inference);
    ModelFields.read(modelFields, extent);
    if (ModelId.of(modelId).kind() == ModelId.Kind.PROMPT) {
      extent.refusesLimit = true;
      extent.notShown(Meter.INPUT, "the text of a managed prompt lies in Bedrock");
      extent.notShown(Meter.OUTPUT, "the maxTokens of a managed prompt lie in Bedrock");
    }
    extent.cacheWrite = CachePoints.highest(request);
    extent.input += input;
    return extent;
  }

  /** A tool that the request only names; a class that older SDKs do not have. */
  private void systemTool(@Nullable Tool tool) {
    SdkPojo named =
        tool == null ? null : tool.getValueForField("systemTool", SdkPojo.class).orElse(null);
    if (named == null) {
      return;
    }
    for (SdkField<?> field : named.sdkFields()) {
      if (field.locationName().equals("name")
          && field.getValueOrDefault(named) instanceof String name) {
        extent.add(new BuiltInTool(name, -1));
      }
    }
  }

  private long content(List<ContentBlock> blocks) {
    long tokens = 0;
    for (int i = 0; i < blocks.size(); i++) {
      ContentBlock block = blocks.get(i);
      if (block != null) {
        String text = block.text();
        tokens += text == null ? Allowances.TOKENS_PER_BLOCK + walk(block) : JsonSize.utf8(text);
      }
    }
    return tokens;
  }

  /** At least the tokens of a value, whatever it is; of files apart from their allowances. */
  private long walk(@Nullable Object value) {
    if (value instanceof String text) {
      return JsonSize.utf8(text) + 2;
    }
    if (value instanceof ImageBlock || value instanceof GuardrailConverseImageBlock) {
      Media.count(Media.IMAGE, Media.Files.one(), modelId, extent);
      return 0;
    }
    if (value instanceof SdkBytes bytes) {
      return bytes.asByteArrayUnsafe().length;
    }
    if (value instanceof Document document) {
      return JsonSize.of(document);
    }
    long tokens = 0;
    if (value instanceof SdkPojo pojo) {
      if (value instanceof DocumentBlock document) {
        ConverseFiles.count(document, modelId, extent);
      } else if (value instanceof VideoBlock video) {
        ConverseFiles.count(video, modelId, extent);
      } else if (value instanceof AudioBlock) {
        ConverseFiles.count(Media.AUDIO, null, modelId, extent);
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
}
