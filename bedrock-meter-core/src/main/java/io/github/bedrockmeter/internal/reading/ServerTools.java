// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the runs of tools that providers run themselves are charged as. Stateless. */
public final class ServerTools {
  /** Each of its runs is a search of the web, which costs money beside the tokens. */
  private static final Set<String> SEARCHES =
      Set.of("nova_grounding", "web_search", "web_search_preview", "x_search");

  /** Their runs cost nothing beside the tokens. */
  private static final Set<String> FREE =
      Set.of(
          "web_fetch",
          "tool_search_tool_regex",
          "tool_search_tool_bm25",
          "tool_search",
          "mcp",
          "mcp_toolset",
          "advisor");

  private static final int LONGEST_NAME = 64;

  private ServerTools() {}

  /** The meter of a tool's runs; null if they cost nothing beside the tokens. */
  public static @Nullable Meter meter(String tool) {
    String name = tool.replaceAll("[^a-zA-Z0-9_]", "_");
    if (SEARCHES.contains(name)) {
      return Meter.WEB_SEARCH;
    }
    if (FREE.contains(name) || name.isEmpty()) {
      return null;
    }
    return Meter.toolRuns(name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME));
  }
}
