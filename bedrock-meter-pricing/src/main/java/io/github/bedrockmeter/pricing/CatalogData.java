// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A catalogue file as it was read, checked but not yet indexed. Immutable.
 *
 * @param asOf the day the whole table was last compared with its sources; single rows may be later
 * @param sources what each source is, by the short name rows use
 * @param grades what each grade means
 * @param geoPrefixes profile prefixes and the scope they stand for
 * @param tierRatios tier to its documented ratio of the standard rate
 * @param families family to the ratio of each cache meter to the input rate
 */
record CatalogData(
    String version,
    LocalDate asOf,
    Map<String, String> sources,
    Map<String, String> grades,
    Map<String, PriceScope> geoPrefixes,
    Map<String, BigDecimal> tierRatios,
    Map<String, Map<Meter, BigDecimal>> families,
    Map<String, Model> models,
    List<RateRow> rows) {

  /** Rows and models alone, to lie over a base that has everything else. */
  static CatalogData overlay(
      String version, LocalDate asOf, Map<String, Model> models, List<RateRow> rows) {
    return new CatalogData(
        version, asOf, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), models, List.copyOf(rows));
  }

  /**
   * What is known of a model besides its prices.
   *
   * @param family whose cache ratios apply; null if none do
   * @param aliases other ids of the same model, exact
   * @param contextTokens context window in tokens, null where unknown
   * @param maxOutputTokens longest answer in tokens, null where unknown
   */
  record Model(
      @Nullable String family,
      List<String> aliases,
      @Nullable Long contextTokens,
      @Nullable Long maxOutputTokens,
      Set<String> modalities) {

    static final Model PLAIN = new Model(null, List.of(), null, null, Set.of());
  }
}
