// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/**
 * Converse requests of texts and settings alone, as most are: their bound needs no object of its
 * own. Stateless.
 */
final class PlainTexts {
  static final int UNREAD = -1;
  private static final int OTHERWISE = -2;
  private static final Usage.Sources ESTIMATED = Usage.Sources.all(Source.ESTIMATED);

  /** The fields of each class of requests in which there is more than texts and settings. */
  private static final Map<Class<?>, SdkField<?>[]> OTHERS = new ConcurrentHashMap<>();

  private PlainTexts() {}

  /** The bound of the prompt; negative where the request is of more than texts. */
  static int bound(BedrockRuntimeRequest request, String modelId) {
    if (request instanceof ConverseRequest converse) {
      return hasOther(converse) || isPrompt(modelId)
          ? OTHERWISE
          : bound(converse.messages(), converse.system());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return hasOther(converse) || isPrompt(modelId)
          ? OTHERWISE
          : bound(converse.messages(), converse.system());
    }
    return OTHERWISE;
  }

  private static boolean isPrompt(String modelId) {
    return ModelId.of(modelId).kind() == ModelId.Kind.PROMPT;
  }

  private static boolean hasOther(BedrockRuntimeRequest request) {
    SdkField<?>[] known = OTHERS.get(request.getClass());
    SdkField<?>[] others = known != null ? known : othersOf(request);
    for (SdkField<?> field : others) {
      if (!isEmpty(field.getValueOrDefault(request))) {
        return true;
      }
    }
    return false;
  }

  private static SdkField<?>[] othersOf(BedrockRuntimeRequest request) {
    List<SdkField<?>> others = new ArrayList<>();
    for (SdkField<?> field : request.sdkFields()) {
      String name = field.locationName();
      if (name.equals("toolConfig") || !Bounds.COUNTED_APART.contains(name)) {
        others.add(field);
      }
    }
    SdkField<?>[] fields = others.toArray(new SdkField<?>[0]);
    OTHERS.put(request.getClass(), fields);
    return fields;
  }

  private static boolean isEmpty(@Nullable Object value) {
    return value == null
        || (value instanceof Collection<?> values && values.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static int bound(List<Message> messages, List<SystemContentBlock> system) {
    long tokens = Allowances.TOKENS_PER_MESSAGE;
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      List<ContentBlock> content = message == null ? List.of() : message.content();
      tokens += Allowances.TOKENS_PER_MESSAGE;
      for (int j = 0; j < content.size(); j++) {
        ContentBlock block = content.get(j);
        if (block == null || block.text() == null) {
          return OTHERWISE;
        }
        tokens += JsonSize.utf8(block.text());
      }
    }
    for (int i = 0; i < system.size(); i++) {
      SystemContentBlock block = system.get(i);
      if (block == null || block.text() == null) {
        return OTHERWISE;
      }
      tokens += Allowances.TOKENS_PER_MESSAGE + JsonSize.utf8(block.text());
    }
    return tokens <= Integer.MAX_VALUE ? (int) tokens : OTHERWISE;
  }

  static Usage usage(long input, long output) {
    return new Usage(input, output, 0, 0, 0, 0, Map.of(), ESTIMATED);
  }
}
