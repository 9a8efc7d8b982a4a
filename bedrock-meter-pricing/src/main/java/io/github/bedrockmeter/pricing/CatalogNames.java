// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.ModelId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The models, aliases, providers, tiers and variants that a catalogue knows. Immutable. */
final class CatalogNames {
  /** Tiers that are paid by capacity; a call costs nothing more. */
  static final Set<String> CAPACITY_TIERS = Set.of("reserved", "provisioned");

  private final Set<String> models = new TreeSet<>();
  private final Set<String> priced = new TreeSet<>();
  private final Set<String> providers = new HashSet<>();
  private final Map<String, Set<String>> variants = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Set<String> tiers;

  CatalogNames(List<? extends CatalogLayer> layers) {
    for (CatalogLayer layer : layers) {
      models.addAll(layer.models().keySet());
      for (Map.Entry<String, Set<String>> known : layer.variants().entrySet()) {
        models.add(known.getKey());
        priced.add(known.getKey());
        if (!known.getValue().isEmpty()) {
          Set<String> all = variants.getOrDefault(known.getKey(), new TreeSet<>());
          all.addAll(known.getValue());
          variants.put(known.getKey(), all);
        }
      }
    }
    for (String model : models) {
      String provider = ModelId.of(model).provider();
      if (provider != null) {
        providers.add(provider);
      }
    }
    for (CatalogLayer layer : layers) {
      for (Map.Entry<String, CatalogModel> known : layer.models().entrySet()) {
        if (known.getValue().unpriced() != null) {
          priced.remove(known.getKey());
        }
        for (String alias : known.getValue().aliases()) {
          addAlias(alias, known.getKey());
        }
      }
    }
    this.tiers = new TreeSet<>(layers.get(0).tierRatios().keySet());
    tiers.addAll(Set.of("standard", "customization"));
    tiers.addAll(CAPACITY_TIERS);
  }

  private void addAlias(String alias, String model) {
    String other = aliases.putIfAbsent(alias, model);
    if (models.contains(alias) || (other != null && !other.equals(model))) {
      throw new IllegalArgumentException(
          "alias '%s' of '%s' already names '%s'"
              .formatted(alias, model, other == null ? alias : other));
    }
  }

  Set<String> providers() {
    return Collections.unmodifiableSet(providers);
  }

  Set<String> tiers() {
    return Collections.unmodifiableSet(tiers);
  }

  /** The variants a model has prices for. */
  Set<String> variantsOf(String model) {
    return variants.getOrDefault(model, Set.of());
  }

  /** The canonical id of an exact alias; any other id as it is. */
  String canonical(String id) {
    return aliases.getOrDefault(id, id);
  }

  /** What to do about a model that is not known, with a line to paste. */
  String remedy(String model) {
    Optional<String> misspelt = Relatives.misspelt(model, priced);
    if (misspelt.isPresent()) {
      return " (did you mean '%s'?); to charge it as that, add %s, or add an overlay"
          .formatted(misspelt.get(), aliasLine(model, misspelt.get()));
    }
    Optional<String> relative = relative(model);
    if (relative.isPresent()) {
      return relative.get() + ", or add an overlay";
    }
    return "; no model of its family is known: add an overlay, or .unknownPrice(Budget.UnknownPrice.CONSERVATIVE) to the budget. A row of an overlay: "
        + "{\"model\": \"%s\", \"scopes\": [\"in_region\", \"geo\", \"global\"], \"regions\": [\"*\"], \"unit\": \"1M tokens\", \"usd\": {\"input\": \"3.00\", \"output\": \"15.00\"}}"
            .formatted(model);
  }

  /** What to write to charge a model as its nearest relative that has a price; empty for none. */
  Optional<String> relative(String model) {
    List<String> others = priced.stream().filter(other -> !other.equals(model)).toList();
    return Relatives.of(model, others)
        .map(
            other ->
                "; its nearest relative is '%s': to charge it as that, add %s"
                    .formatted(other, aliasLine(model, other)));
  }

  private static String aliasLine(String name, String model) {
    return ".alias(\"%s\", \"%s\") to PriceCatalog.builder()".formatted(name, model);
  }

  /** The canonical id of a model; an ARN as it is. */
  String model(String name) {
    return subject(name, false);
  }

  /** The canonical id of a model, or a provider; an ARN as it is. */
  String modelOrProvider(String name) {
    return subject(name, true);
  }

  private String subject(String name, boolean providerToo) {
    if (ModelId.of(name).isArn() || models.contains(name)) {
      return name;
    }
    if (aliases.containsKey(name)) {
      return Objects.requireNonNull(aliases.get(name));
    }
    if (providerToo && providers.contains(name)) {
      return name;
    }
    Set<String> known = new TreeSet<>(models);
    known.addAll(aliases.keySet());
    if (providerToo) {
      known.addAll(providers);
    }
    throw new IllegalArgumentException(
        "no %s '%s' in the catalogue%s"
            .formatted(
                providerToo ? "provider or model" : "model", name, NearestName.hint(name, known)));
  }
}
