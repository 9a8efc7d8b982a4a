// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A mapping with known keys; any other key is a problem. Confined to one thread. */
final class Fields {
  private final Node.Mapping mapping;
  private final Problems problems;

  private Fields(Node.Mapping mapping, Problems problems) {
    this.mapping = mapping;
    this.problems = problems;
  }

  /** The fields of a node; null, and a problem is added, if it is not a mapping. */
  static @Nullable Fields of(Node node, Problems problems, String... keys) {
    List<String> allowed = List.of(keys);
    if (!(node instanceof Node.Mapping mapping)) {
      return problems.refuse(node, "a mapping with the keys " + String.join(", ", allowed));
    }
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              if (!allowed.contains(key)) {
                problems.add(
                    entry.keyAt(),
                    "unknown key '"
                        + Escaped.text(key)
                        + "'"
                        + NearestName.hint(key, allowed)
                        + "; allowed are "
                        + String.join(", ", allowed));
              }
            });
    return new Fields(mapping, problems);
  }

  /** The value of a key; null if it is not given. */
  @Nullable Node get(String key) {
    Node.Entry entry = mapping.entries().get(key);
    return entry == null ? null : entry.value();
  }

  /** Like {@link #get}; a problem is added if the key is not given. */
  @Nullable Node required(String key, String example) {
    Node value = get(key);
    if (value == null) {
      problems.add(mapping.at(), "'" + key + "' is missing; write it as " + key + ": " + example);
    }
    return value;
  }
}
