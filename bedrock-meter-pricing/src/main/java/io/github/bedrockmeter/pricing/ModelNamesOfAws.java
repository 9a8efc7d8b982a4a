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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The models behind the names of AWS's price list: those of our table, those the caller added, and
 * names that are a model's id but for case, spaces and version. Usage types write the words of a
 * name together, and numbers elsewhere: {@code Claude4.6Sonnet}. Mutable, confined to one thread.
 */
final class ModelNamesOfAws {
  private static final Pattern NOT_IN_A_NAME = Pattern.compile("[^a-z0-9]+");
  private static final Pattern WORD_OR_NUMBER = Pattern.compile("[a-z]+|[0-9]+");
  private static final Pattern VERSION =
      Pattern.compile("(-20[0-9]{6})?(-instruct)?(-v[0-9]+)?(:[0-9]+)?$");

  private final Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String> spelled = new HashMap<>();
  private final Map<String, String> together = new HashMap<>();
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
    spelled.forEach(this::addTogether);
    names.forEach(this::addTogether);
    catalogue.models().keySet().forEach(model -> addTogether(model, model));
  }

  /** A name that is written together as another model's too stands for none. */
  private void addTogether(String name, String model) {
    String known = together.putIfAbsent(lettersAndNumbers(name), model);
    if (known != null && !known.equals(model)) {
      together.put(lettersAndNumbers(name), "");
    }
  }

  void add(String displayName, String modelId) {
    names.put(displayName, modelId);
    together.put(lettersAndNumbers(displayName), modelId);
  }

  /** The model of a name; null if none is known by it. */
  @Nullable String modelOf(String name) {
    String known = names.get(name);
    return known != null ? known : spelled.get(spelling(name));
  }

  /** The model of a usage type with a display name; null if none is known by either. */
  @Nullable String modelOf(UsageType type, String name) {
    String inside = type.model();
    if (CatalogLayers.GUARDRAILS.equals(inside)) {
      return CatalogLayers.GUARDRAILS;
    }
    String model = modelOf(name);
    if (model == null && inside != null && PriceListAttributes.isModelId(inside)) {
      String known = modelOf(inside);
      model = known == null ? inside : known;
    }
    if (model == null) {
      String written = together.getOrDefault(lettersAndNumbers(name), "");
      model = written.isEmpty() ? null : written;
    }
    return model;
  }

  /** The input tokens above which a model's long rates hold; null if none are known. */
  @Nullable Long longContextAbove(String model) {
    CatalogModel facts = catalogue.models().get(model);
    return facts == null ? null : facts.longContextAbove();
  }

  private static String spelling(String name) {
    return NOT_IN_A_NAME.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
  }

  /** The numbers of a name but for zeros, and its letters, each in their order. */
  private static String lettersAndNumbers(String name) {
    StringBuilder numbers = new StringBuilder();
    StringBuilder letters = new StringBuilder();
    Matcher parts = WORD_OR_NUMBER.matcher(name.toLowerCase(Locale.ROOT));
    while (parts.find()) {
      String part = parts.group();
      if (!Character.isDigit(part.charAt(0))) {
        letters.append(part);
      } else if (!part.equals("0")) {
        numbers.append(part).append('.');
      }
    }
    return numbers + letters.toString();
  }
}
