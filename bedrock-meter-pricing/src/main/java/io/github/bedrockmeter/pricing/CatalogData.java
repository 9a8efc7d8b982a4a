// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
    Map<String, CatalogModel> models,
    List<RateRow> rows)
    implements CatalogLayer {

  @Override
  public Map<String, Set<String>> variants() {
    Map<String, Set<String>> variants = new TreeMap<>();
    for (RateRow row : rows) {
      Set<String> known = variants.computeIfAbsent(row.model(), model -> new TreeSet<>());
      if (!row.variant().isEmpty()) {
        known.add(row.variant());
      }
    }
    return variants;
  }

  @Override
  public List<RateRow> rowsOf(String model) {
    return rows.stream().filter(row -> row.model().equals(model)).toList();
  }

  @Override
  public List<Highest> highest(@Nullable String provider) {
    return HighestRates.of(
        rows.stream()
            .filter(row -> provider == null || provider.equals(ModelId.of(row.model()).provider()))
            .toList());
  }

  /** Rows and models alone, to lie over a base that has everything else. */
  static CatalogData overlay(
      String version, LocalDate asOf, Map<String, CatalogModel> models, List<RateRow> rows) {
    return new CatalogData(
        version, asOf, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), models, List.copyOf(rows));
  }
}
