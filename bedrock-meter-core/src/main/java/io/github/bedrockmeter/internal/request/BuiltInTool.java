// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.internal.reading.ServerTools;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tool that the provider knows, so that the request does not describe it. Immutable.
 *
 * @param name as the request names it, without the date of its version
 * @param limit how often it may run; -1 if the request does not say
 */
record BuiltInTool(String name, long limit) {
  /** At most so many tokens of description and instructions are added for it. */
  static final long TOKENS = 2_048;

  /** A model seldom runs such a tool more often for one answer. */
  private static final long USUAL_RUNS = 10;

  /** Tools that the caller runs, whatever the provider adds to describe them. */
  private static final Set<String> OF_THE_CALLER =
      Set.of("bash", "computer", "text_editor", "memory", "computer_use_preview", "local_shell");

  /** Kinds of tools that the request describes itself. */
  private static final Set<String> DESCRIBED = Set.of("custom", "function", "object");

  /** A tool of this type; null where the request describes it itself. */
  static @Nullable BuiltInTool of(String type, long limit) {
    return type.isEmpty() || DESCRIBED.contains(type)
        ? null
        : new BuiltInTool(type.replaceFirst("_\\d{6,8}$", ""), limit);
  }

  boolean runsAtTheProvider() {
    return !OF_THE_CALLER.contains(name);
  }

  /** What its runs are charged as; null if they cost nothing beside the tokens. */
  @Nullable Meter meter() {
    return ServerTools.meter(name);
  }

  boolean isCounted() {
    return limit >= 0 || meter() == null;
  }

  long mostRuns() {
    return limit >= 0 ? limit : USUAL_RUNS;
  }

  Assumption assumption() {
    Meter meter = meter();
    return Assumption.notShown(
        meter == null ? Meter.INPUT : meter,
        "how often '" + name + "' runs is the model's choice; " + USUAL_RUNS + " runs are assumed");
  }
}
