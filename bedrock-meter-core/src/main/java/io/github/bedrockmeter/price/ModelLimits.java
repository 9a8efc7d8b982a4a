// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model can take and give in one call, as its maker publishes it. Immutable and thread-safe.
 *
 * @param contextTokens the context window in tokens, null where it is not known
 * @param maxOutputTokens the most tokens one answer can have, null where it is not known
 * @param modalities what it reads and writes, such as {@code text} and {@code image}; may be empty
 */
public record ModelLimits(
    @Nullable Long contextTokens, @Nullable Long maxOutputTokens, Set<String> modalities) {

  /** A model of which nothing is known. */
  public static final ModelLimits UNKNOWN = new ModelLimits(null, null, Set.of());

  public ModelLimits {
    if ((contextTokens != null && contextTokens < 1)
        || (maxOutputTokens != null && maxOutputTokens < 1)) {
      throw new IllegalArgumentException(
          "limits are positive: context " + contextTokens + ", output " + maxOutputTokens);
    }
    modalities = Set.copyOf(modalities);
  }
}
