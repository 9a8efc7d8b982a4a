// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CachePointBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;

/**
 * Whether a request may write its prompt to the cache, which can cost up to twice as much as the
 * same tokens uncached. An estimate that overlooked it would be no upper bound.
 */
public final class CachePoints {
  private static final byte[] ANTHROPIC = ascii("\"cache_control\"");
  private static final byte[] NOVA = ascii("\"cachePoint\"");
  private static final byte[] ONE_HOUR = ascii("\"1h\"");

  private CachePoints() {}

  /** The dearest cache meter that the request may count its input in; null if it has none. */
  public static @Nullable Meter meter(BedrockRuntimeRequest request, String modelId) {
    Meter asked = asked(request);
    // OpenAI's newer models cache on their own, without being asked.
    return asked == null && "openai".equals(ModelId.of(modelId).provider())
        ? Meter.CACHE_WRITE_30M
        : asked;
  }

  private static @Nullable Meter asked(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return converse(converse.messages(), converse.system(), converse.toolConfig());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse(converse.messages(), converse.system(), converse.toolConfig());
    }
    if (request instanceof InvokeModelRequest invoke) {
      return body(invoke.body());
    }
    return request instanceof InvokeModelWithResponseStreamRequest invoke
        ? body(invoke.body())
        : null;
  }

  private static @Nullable Meter converse(
      List<Message> messages, List<SystemContentBlock> system, @Nullable ToolConfiguration tools) {
    Meter dearest = null;
    for (int i = 0; i < system.size(); i++) {
      dearest = dearer(dearest, system.get(i).cachePoint());
    }
    for (int i = 0; i < messages.size(); i++) {
      List<ContentBlock> content = messages.get(i).content();
      for (int j = 0; j < content.size(); j++) {
        dearest = dearer(dearest, content.get(j).cachePoint());
      }
    }
    if (tools != null && tools.hasTools()) {
      for (Tool tool : tools.tools()) {
        dearest = dearer(dearest, tool.cachePoint());
      }
    }
    return dearest;
  }

  private static @Nullable Meter dearer(@Nullable Meter known, @Nullable CachePointBlock point) {
    if (point == null || Meter.CACHE_WRITE_1H.equals(known)) {
      return known;
    }
    boolean oneHour = "1h".equals(point.getValueForField("ttl", String.class).orElse(null));
    return oneHour ? Meter.CACHE_WRITE_1H : Meter.CACHE_WRITE_5M;
  }

  private static @Nullable Meter body(@Nullable SdkBytes body) {
    if (body == null) {
      return null;
    }
    byte[] json = body.asByteArrayUnsafe();
    if (!contains(json, ANTHROPIC) && !contains(json, NOVA)) {
      return null;
    }
    return contains(json, ONE_HOUR) ? Meter.CACHE_WRITE_1H : Meter.CACHE_WRITE_5M;
  }

  private static boolean contains(byte[] json, byte[] word) {
    for (int start = 0; start <= json.length - word.length; start++) {
      int i = 0;
      while (i < word.length && json[start + i] == word[i]) {
        i++;
      }
      if (i == word.length) {
        return true;
      }
    }
    return false;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
