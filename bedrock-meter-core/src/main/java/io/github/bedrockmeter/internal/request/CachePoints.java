// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CachePointBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;

/**
 * Whether a request may write its prompt to the cache, which can cost up to twice as much as the
 * same tokens uncached. An estimate that overlooked it would be no upper bound.
 */
final class CachePoints {
  private CachePoints() {}

  /** Whether a model writes its prompt to the cache without being asked. */
  static boolean cachesUnasked(String modelId) {
    // OpenAI's newer models cache on their own.
    return "openai".equals(ModelId.of(modelId).provider());
  }

  /** The highest-priced cache meter that a Converse request asks for; null if none. */
  static @Nullable Meter highest(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return converse(converse.messages(), converse.system(), converse.toolConfig());
    }
    return request instanceof ConverseStreamRequest converse
        ? converse(converse.messages(), converse.system(), converse.toolConfig())
        : null;
  }

  private static @Nullable Meter converse(
      List<Message> messages, List<SystemContentBlock> system, @Nullable ToolConfiguration tools) {
    Meter highest = null;
    for (int i = 0; i < system.size(); i++) {
      SystemContentBlock block = system.get(i);
      highest = block == null ? highest : higher(highest, block.cachePoint());
    }
    for (int i = 0; i < messages.size(); i++) {
      List<ContentBlock> content = messages.get(i).content();
      for (int j = 0; j < content.size(); j++) {
        ContentBlock block = content.get(j);
        highest = block == null ? highest : higher(highest, block.cachePoint());
      }
    }
    if (tools != null && tools.hasTools()) {
      for (Tool tool : tools.tools()) {
        highest = tool == null ? highest : higher(highest, tool.cachePoint());
      }
    }
    return highest;
  }

  private static @Nullable Meter higher(@Nullable Meter known, @Nullable CachePointBlock point) {
    return point == null || Meter.CACHE_WRITE_1H.equals(known)
        ? known
        : CacheMeters.higher(
            known, CacheMeters.of(point.getValueForField("ttl", String.class).orElse(null)));
  }
}
