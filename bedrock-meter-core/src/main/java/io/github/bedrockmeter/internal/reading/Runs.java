// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tools that a provider ran for one answer, by the answer's blocks. Mutable, confined to one
 * thread.
 */
final class Runs {
  /** The type of a block whose tool the provider ran. */
  static final String RAN = "server_tool_use";

  /** Calls of tools in OpenAI's form that the caller runs. */
  private static final Set<String> OF_THE_CALLER =
      Set.of("function_call", "custom_tool_call", "computer_call", "local_shell_call");

  private static final int MOST_TOOLS = 32;

  private final Map<String, Long> counts = new TreeMap<>();
  private String name = "";
  private String type = "";

  /** Takes in the beginning of a block, or its name or type, in whatever order. */
  void take(Field field, String text) {
    switch (field) {
      case TOOL_NAME -> name = text;
      case TOOL_TYPE -> type = text;
      default -> {
        name = "";
        type = "";
        return;
      }
    }
    if (type.equals(RAN) && !name.isEmpty()) {
      ran(name);
    } else if (field == Field.TOOL_TYPE
        && text.endsWith("_call")
        && !OF_THE_CALLER.contains(text)) {
      ran(text.substring(0, text.length() - "_call".length()));
    }
  }

  void ran(String tool) {
    if (counts.size() < MOST_TOOLS || counts.containsKey(tool)) {
      counts.merge(tool, 1L, Long::sum);
    }
    name = "";
    type = "";
  }

  /** The runs that are charged beside the tokens. */
  Map<Meter, Long> charged() {
    Map<Meter, Long> charged = new TreeMap<>((a, b) -> a.name().compareTo(b.name()));
    counts.forEach(
        (tool, count) -> {
          Meter meter = ServerTools.meter(tool);
          if (meter != null) {
            charged.merge(meter, count, Long::sum);
          }
        });
    return charged;
  }
}
