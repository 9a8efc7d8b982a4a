// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The names of tags of calls that costs are split by. Stateless. */
final class DeclaredTags {
  /** What {@code bedrock.meter.cost} has anyway. */
  private static final List<String> OF_COST =
      List.of(
          "gen_ai.operation.name",
          "gen_ai.provider.name",
          "gen_ai.request.model",
          "gen_ai.response.model",
          "bedrock.meter.charge");

  private DeclaredTags() {}

  /** Refuses names of which a registry would make one label. */
  static void check(List<String> names) {
    Map<String, String> labels = new LinkedHashMap<>();
    OF_COST.forEach(own -> labels.put(label(own), own));
    for (String name : names) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("the name of a tag must not be blank: tags " + names);
      }
      String other = labels.putIfAbsent(label(name), name);
      if (other == null) {
        continue;
      }
      throw new IllegalArgumentException(
          OF_COST.contains(other)
              ? ("tag '%s' is bedrock.meter.cost's own '%s' in Prometheus:"
                      + " leave it out, or name it differently")
                  .formatted(name, other)
              : ("tags '%s' and '%s' are one label in Prometheus, '%s':"
                      + " name one of them differently, or leave it out")
                  .formatted(other, name, label(name)));
    }
  }

  /** The name as Prometheus writes it. */
  private static String label(String name) {
    return name.replaceAll("[^a-zA-Z0-9_]", "_");
  }
}
