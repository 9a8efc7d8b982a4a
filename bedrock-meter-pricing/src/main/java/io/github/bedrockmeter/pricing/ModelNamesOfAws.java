// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The models behind the names of AWS's price list: those of our table, those the caller added, and
 * names that are a model's id but for case, spaces and version. Mutable, confined to one thread.
 */
final class ModelNamesOfAws {
  private static final Pattern NOT_IN_A_NAME = Pattern.compile("[^a-z0-9]+");
  private static final Pattern VERSION =
      Pattern.compile("(-20[0-9]{6})?(-instruct)?(-v[0-9]+)?(:[0-9]+)?$");

  private final Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String> spelled = new HashMap<>();
  private final CatalogLayer catalogue = ShardedCatalog.bundled();

  ModelNamesOfAws() {
    InputStream in =
        Objects.requireNonNull(
            ModelNamesOfAws.class.getResourceAsStream("price-list-names.json"),
            "price-list-names.json is missing from the jar");
    CatalogReader.tree("price-list-names.json", in)
        .properties()
        .forEach(entry -> names.put(entry.getKey(), entry.getValue().asText()));
    Set<String> twice = new HashSet<>();
    for (String model : catalogue.models().keySet()) {
      String name =
          spelling(VERSION.matcher(model.substring(model.indexOf('.') + 1)).replaceFirst(""));
      if (spelled.put(name, model) != null) {
        twice.add(name);
      }
    }
    twice.forEach(spelled::remove);
  }

  void add(String displayName, String modelId) {
    names.put(displayName, modelId);
  }

  /** The model of a name; null if none is known by it. */
  @Nullable String modelOf(String name) {
    String known = names.get(name);
    return known != null ? known : spelled.get(spelling(name));
  }

  /** The input tokens above which a model's long rates hold; null if none are known. */
  @Nullable Long longContextAbove(String model) {
    CatalogModel facts = catalogue.models().get(model);
    return facts == null ? null : facts.longContextAbove();
  }

  private static String spelling(String name) {
    return NOT_IN_A_NAME.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
  }
}
