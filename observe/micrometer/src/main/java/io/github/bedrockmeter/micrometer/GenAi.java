// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.usage.Meter;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenTelemetry's words for generative AI, as far as Bedrock's calls have them. Stateless. */
final class GenAi {
  /** The value of a tag that has none. */
  static final String NONE = "(none)";

  static final String PROVIDER = "aws.bedrock";

  private static final Map<String, String> OPERATIONS =
      Map.of(
          "Converse", "chat",
          "ConverseStream", "chat",
          "InvokeModelWithBidirectionalStream", "chat",
          "StartAsyncInvoke", "generate_content",
          "InvokeAgent", "invoke_agent");

  private GenAi() {}

  /** The attributes that every metric of a call has. */
  static Tags of(UsageEvent event) {
    String requested = event.call().requestedModel();
    String answered = event.answeredBy();
    return Tags.of(
        "gen_ai.operation.name",
        operation(event),
        "gen_ai.provider.name",
        PROVIDER,
        "gen_ai.request.model",
        present(requested),
        "gen_ai.response.model",
        present(answered == null ? event.call().modelId() : answered));
  }

  static String present(@Nullable String value) {
    return value == null || value.isEmpty() ? NONE : value;
  }

  /**
   * The operation: what the convention names, by what was asked of the model where InvokeModel
   * leaves it open, else Bedrock's own name in the convention's form.
   */
  private static String operation(UsageEvent event) {
    String name = event.call().operation();
    String known = OPERATIONS.get(name);
    if (known != null) {
      return known;
    }
    if (name.startsWith("InvokeModel")) {
      String model = event.call().modelId().toLowerCase(Locale.ROOT);
      if (model.contains("embed")) {
        return "embeddings";
      }
      return event.usage().outputTokens() > 0 ? "chat" : "generate_content";
    }
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  /** What kind of token a meter counts; {@code unknown} where Bedrock does not split. */
  static String modality(Meter meter) {
    String kind = meter.kind();
    if (kind.contains("Image")) {
      return "image";
    }
    if (kind.contains("Audio") || kind.contains("Speech")) {
      return "audio";
    }
    return kind.contains("Video") ? "video" : "unknown";
  }

  /** Whether a meter's tokens are part of the input, cached ones included. */
  static boolean isInput(Meter meter) {
    String kind = meter.kind();
    return kind.startsWith("input") || kind.startsWith("cache");
  }
}
