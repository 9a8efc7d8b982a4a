// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Works out the other spellings of each model id: with and without version, date and {@code
 * -instruct}. A spelling that two models could claim is dropped, so that none is ever guessed.
 */
final class Aliases {
  private static final Pattern VERSION = Pattern.compile("(.+?)(-v[0-9]+)?(:[0-9]+)?");
  private static final Pattern DATE = Pattern.compile("(.+)-20[0-9]{6}");

  private Aliases() {}

  /**
   * The aliases of each model.
   *
   * @param idsOf every model and the ids the data gives it
   * @param own aliases a person added: alias to model
   */
  static Map<String, Set<String>> generate(Map<String, Set<String>> idsOf, JsonNode own) {
    Map<String, Set<String>> claims = new HashMap<>();
    idsOf.forEach(
        (model, ids) -> {
          for (String id : ids) {
            spellings(id).forEach(s -> claims.computeIfAbsent(s, x -> new TreeSet<>()).add(model));
          }
        });
    Map<String, Set<String>> aliases = new TreeMap<>();
    idsOf.keySet().forEach(model -> aliases.put(model, new TreeSet<>()));
    claims.forEach(
        (alias, models) -> {
          String model = models.iterator().next();
          boolean given = idsOf.getOrDefault(model, Set.of()).contains(alias);
          if (!idsOf.containsKey(alias) && (models.size() == 1 || given)) {
            aliases.computeIfAbsent(model, x -> new TreeSet<>()).add(alias);
          }
        });
    own.properties()
        .forEach(
            e ->
                aliases
                    .computeIfAbsent(e.getValue().asText(), x -> new TreeSet<>())
                    .add(e.getKey()));
    return aliases;
  }

  private static Set<String> spellings(String id) {
    Set<String> all = new LinkedHashSet<>();
    all.add(id);
    if (id.indexOf('.') < 0) {
      return all;
    }
    Matcher version = VERSION.matcher(id);
    if (!version.matches()) {
      return all;
    }
    String stem = version.group(1);
    String major = version.group(2);
    String minor = version.group(3);
    all.add(stem);
    if (major != null) {
      all.add(stem + major);
      if (minor == null) {
        all.add(id + ":0");
      }
    } else if (minor == null) {
      all.add(stem + ":0");
      all.add(stem + "-v1");
      all.add(stem + "-v1:0");
    }
    Matcher date = DATE.matcher(stem);
    if (date.matches()) {
      all.add(date.group(1));
    }
    String bare = date.matches() ? date.group(1) : stem;
    if (bare.endsWith("-instruct")) {
      all.add(bare.substring(0, bare.length() - "-instruct".length()));
    } else if (bare.startsWith("qwen.") || bare.startsWith("mistral.")) {
      all.add(bare + "-instruct");
    }
    return all;
  }
}
