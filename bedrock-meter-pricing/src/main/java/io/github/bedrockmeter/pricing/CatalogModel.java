// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a model besides its prices.
 *
 * @param family whose cache ratios apply; null if none do
 * @param aliases other ids of the same model, exact
 * @param contextTokens context window in tokens, null where unknown
 * @param maxOutputTokens longest answer in tokens, null where unknown
 * @param longContextAbove the input tokens above which another price is known to hold, whether or
 *     not a row states it; null where none is known
 * @param unpriced why no price is known; null if there are rows
 */
record CatalogModel(
    @Nullable String family,
    List<String> aliases,
    @Nullable Long contextTokens,
    @Nullable Long maxOutputTokens,
    Set<String> modalities,
    @Nullable Long longContextAbove,
    @Nullable String unpriced) {

  /** What a lower layer knows of the model, with what this one knows instead. */
  CatalogModel over(CatalogModel below) {
    return new CatalogModel(
        family != null ? family : below.family,
        aliases,
        contextTokens != null ? contextTokens : below.contextTokens,
        maxOutputTokens != null ? maxOutputTokens : below.maxOutputTokens,
        modalities.isEmpty() ? below.modalities : modalities,
        longContextAbove != null ? longContextAbove : below.longContextAbove,
        unpriced != null ? unpriced : below.unpriced);
  }

  static final CatalogModel PLAIN =
      new CatalogModel(null, List.of(), null, null, Set.of(), null, null);
}
