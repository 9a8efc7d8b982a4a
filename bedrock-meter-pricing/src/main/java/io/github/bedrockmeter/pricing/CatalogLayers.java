// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A base catalogue and the overlays over it, indexed by model. A later layer hides what lies below
 * it. Immutable and thread-safe.
 */
final class CatalogLayers {
  /** The text units of guardrails, which any model's call may be charged. */
  static final String GUARDRAILS = "guardrails";

  private final String version;
  private final LocalDate asOf;
  private final Map<String, BigDecimal> tierRatios;
  private final Map<String, Map<Meter, BigDecimal>> families;
  private final Map<String, PriceScope> geographies;
  private final Map<String, RateTable> tables;
  private final CatalogNames names;

  /**
   * @param layers the base catalogue, then its overlays
   * @throws IllegalArgumentException if a layer gives one thing two prices
   */
  CatalogLayers(List<CatalogData> layers) {
    CatalogData base = layers.get(0);
    this.version = String.join("+", layers.stream().map(CatalogData::version).toList());
    this.asOf = base.asOf();
    this.tierRatios = base.tierRatios();
    this.families = merged(layers, CatalogData::families);
    this.geographies = merged(layers, CatalogData::geoPrefixes);
    this.tables = tables(layers);
    this.names = new CatalogNames(layers);
  }

  private static <V> Map<String, V> merged(
      List<CatalogData> layers, Function<CatalogData, Map<String, V>> part) {
    Map<String, V> all = new HashMap<>();
    layers.forEach(layer -> all.putAll(part.apply(layer)));
    return Map.copyOf(all);
  }

  private static Map<String, RateTable> tables(List<CatalogData> layers) {
    Map<String, CatalogData.Model> facts = new HashMap<>();
    for (CatalogData layer : layers) {
      layer
          .models()
          .forEach((model, known) -> facts.merge(model, known, (below, own) -> own.over(below)));
    }
    Map<String, RateTable> tables = new TreeMap<>();
    facts.forEach((model, known) -> tables.put(model, new RateTable(model, known)));
    for (int layer = 0; layer < layers.size(); layer++) {
      for (RateRow row : layers.get(layer).rows()) {
        tables
            .computeIfAbsent(
                row.model(),
                model -> new RateTable(model, facts.getOrDefault(model, CatalogData.Model.PLAIN)))
            .add(layer, row);
      }
    }
    return tables;
  }

  /** The base catalogue's version, with those of its overlays. */
  String version() {
    return version;
  }

  /** The day the base catalogue was last compared with its sources. */
  LocalDate asOf() {
    return asOf;
  }

  /** What each geography of a profile stands for. */
  Map<String, PriceScope> geographies() {
    return geographies;
  }

  CatalogNames names() {
    return names;
  }

  /** Each tier's ratio to the standard rate. */
  Map<String, BigDecimal> tierRatios() {
    return tierRatios;
  }

  /** The ratios of a model's cache meters to its input rate; empty where none are known. */
  Map<Meter, BigDecimal> cacheRatios(RateTable table) {
    String family = table.facts().family();
    return family == null ? Map.of() : families.getOrDefault(family, Map.of());
  }

  /** The figures of a model; null if no layer has one. */
  @Nullable RateTable table(String model) {
    return tables.get(model);
  }

  /** Every model with figures, by canonical id, sorted. */
  Map<String, RateTable> tables() {
    return tables;
  }

  /** The instants at which a figure begins or ends, in milliseconds since the epoch. */
  Set<Long> turningPoints() {
    Set<Long> points = new TreeSet<>();
    tables.values().forEach(table -> points.addAll(table.turningPoints()));
    return points;
  }
}
