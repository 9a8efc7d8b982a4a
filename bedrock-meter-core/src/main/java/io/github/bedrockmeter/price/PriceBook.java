// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows what usage costs.
 *
 * <p>Called concurrently, so it must be thread-safe, and at least twice for each call: with the
 * estimate before it is sent, and with the usage on the thread that finished it. It must answer
 * from memory, without blocking. For what it does not know it returns {@link Cost.Unknown}, never
 * zero. An exception or a null counts as unknown.
 */
@FunctionalInterface
public interface PriceBook {

  /** What {@code usage} costs under {@code key}. */
  Cost costOf(PriceKey key, Usage usage);

  /**
   * What {@code usage} costs at most, for a call that {@link #costOf} cannot price; budgets ask if
   * their unknownPrice setting is CONSERVATIVE. Unknown where the book has no such rates.
   */
  default Cost conservativeCostOf(PriceKey key, Usage usage) {
    return new Cost.Unknown("the price book has no conservative rates");
  }

  /** The limits of a model in one call, where the book knows them. */
  default ModelLimits limitsOf(String modelId) {
    return ModelLimits.UNKNOWN;
  }

  /**
   * The foundation model behind a model id, a profile or an ARN, by its own id; empty where the
   * book does not know it.
   */
  default Optional<String> modelOf(String modelId) {
    return Optional.empty();
  }

  /** The day the prices were last compared with their sources; null if the book does not say. */
  default @Nullable Instant asOf() {
    return null;
  }

  /** A book without prices: counts are still metered, every cost is unknown. */
  static PriceBook none() {
    return (key, usage) -> new Cost.Unknown("no price book is configured");
  }

  /** A book of a few models, by the exact id they are called with, whatever region and tier. */
  static PriceBook of(Map<String, Rates> ratesByModelId) {
    Map<String, Rates> rates = Map.copyOf(ratesByModelId);
    return (key, usage) -> {
      Rates found = rates.get(key.modelId());
      return found == null
          ? new Cost.Unknown("no price for model '" + Escaped.text(key.modelId()) + "'")
          : found.costOf(usage);
    };
  }

  /**
   * The limits of a model in one call, as its maker publishes them. Immutable and thread-safe.
   *
   * @param contextTokens the context window in tokens, null where it is not known, else positive
   * @param maxOutputTokens the most tokens one answer can have, null where it is not known, else
   *     positive
   * @param modalities what it reads and writes, such as {@code text} and {@code image}; may be
   *     empty
   */
  record ModelLimits(
      @Nullable Long contextTokens, @Nullable Long maxOutputTokens, Set<String> modalities) {

    /** A model of which nothing is known. */
    public static final ModelLimits UNKNOWN = new ModelLimits(null, null, Set.of());

    public ModelLimits {
      if ((contextTokens != null && contextTokens < 1)
          || (maxOutputTokens != null && maxOutputTokens < 1)) {
        throw new IllegalArgumentException(
            "limits must be positive: context " + contextTokens + ", output " + maxOutputTokens);
      }
      modalities = Set.copyOf(modalities);
    }
  }
}
