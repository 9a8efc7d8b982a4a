// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the {@code inputTokens} of Converse include cached tokens. Anthropic's and Amazon's never
 * do. Where the total shows that another provider's do, they are taken out; where an OpenAI model's
 * answer leaves it open, the counts stay as reported, which is safe for a budget, and that is
 * noted. Stateless.
 */
final class SharedInput {
  private static final Set<String> DISJOINT = Set.of("anthropic", "amazon");

  private SharedInput() {}

  /** Whether it is to be judged what an input includes. */
  static boolean isOpen(Usage usage, @Nullable String modelId) {
    return usage.totalInputTokens() > usage.inputTokens() && isOpen(provider(modelId));
  }

  private static boolean isOpen(@Nullable String provider) {
    return provider != null && !DISJOINT.contains(provider);
  }

  private static @Nullable String provider(@Nullable String modelId) {
    return modelId == null ? null : ModelId.of(modelId).provider();
  }

  static void judge(Facts facts, @Nullable String modelId) {
    String provider = provider(modelId);
    long cached = facts.orZero(Field.CACHE_READ) + facts.orZero(Field.CACHE_WRITE);
    long input = facts.number(Field.INPUT);
    if (!isOpen(provider) || cached == 0 || input < cached) {
      return;
    }
    long plain = input + facts.orZero(Field.OUTPUT);
    if (facts.number(Field.TOTAL) == plain) {
      facts.state(Field.INPUT, input - cached);
    } else if ("openai".equals(provider)) {
      facts.note(
          Anomaly.Kind.INPUT_MAY_INCLUDE_CACHE,
          "input %d, cached %d; state which holds with inputIncludesCache(\"openai\", ...)"
              .formatted(input, cached));
    }
  }
}
