// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.CatalogLayer.Highest;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Map<String, Map<Meter, BigDecimal>> families = new HashMap<>();
  private final Map<String, PriceScope> geographies = new HashMap<>();
  private final List<CatalogLayer> layers;
  private final Map<String, CatalogModel> facts;

  /** Filled as models are asked for; there are no more of them than the catalogue has. */
  private final Map<String, RateTable> tables = new ConcurrentHashMap<>();

  private final CatalogNames names;

  /**
   * @param layers the base catalogue, then its overlays
   * @throws IllegalArgumentException if a layer gives one thing two prices
   */
  CatalogLayers(List<? extends CatalogLayer> layers) {
    CatalogLayer base = layers.get(0);
    // Plain loops: a program waits for its first catalogue, and a first lambda takes milliseconds.
    StringBuilder versions = new StringBuilder(base.version());
    for (CatalogLayer overlay : layers.subList(1, layers.size())) {
      versions.append('+').append(overlay.version());
    }
    this.version = versions.toString();
    this.asOf = base.asOf();
    this.tierRatios = base.tierRatios();
    for (CatalogLayer layer : layers) {
      families.putAll(layer.families());
      geographies.putAll(layer.geoPrefixes());
    }
    this.layers = List.copyOf(layers);
    this.facts = facts(layers);
    this.names = new CatalogNames(layers);
    for (CatalogLayer overlay : layers.subList(1, layers.size())) {
      for (String model : overlay.variants().keySet()) {
        table(model);
      }
    }
  }

  private static Map<String, CatalogModel> facts(List<? extends CatalogLayer> layers) {
    Map<String, CatalogModel> facts = new TreeMap<>();
    for (CatalogLayer layer : layers) {
      for (Map.Entry<String, CatalogModel> known : layer.models().entrySet()) {
        CatalogModel below = facts.get(known.getKey());
        facts.put(known.getKey(), below == null ? known.getValue() : known.getValue().over(below));
      }
      for (String model : layer.variants().keySet()) {
        facts.putIfAbsent(model, CatalogModel.PLAIN);
      }
    }
    return facts;
  }

  private RateTable load(String model) {
    RateTable table = new RateTable(model, Objects.requireNonNull(facts.get(model)));
    for (int layer = 0; layer < layers.size(); layer++) {
      for (RateRow row : layers.get(layer).rowsOf(model)) {
        table.add(layer, row);
      }
    }
    return table;
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
    RateTable known = tables.get(model);
    if (known != null || !facts.containsKey(model)) {
      return known;
    }
    RateTable loaded = load(model);
    RateTable other = tables.putIfAbsent(model, loaded);
    return other == null ? loaded : other;
  }

  /** Every model that is known, by canonical id, sorted. */
  Set<String> models() {
    return Collections.unmodifiableSet(facts.keySet());
  }

  /**
   * The rates among which each meter's highest is; of all providers if {@code provider} is null.
   */
  List<Highest> highest(@Nullable String provider) {
    List<Highest> all = new ArrayList<>();
    for (CatalogLayer layer : layers) {
      all.addAll(layer.highest(provider));
    }
    return all;
  }
}
