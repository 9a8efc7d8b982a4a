// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The scopes of a budget, written as denials and statuses tell them: {@code team=search,user=ann},
 * with a backslash before a comma or a backslash in a value. Immutable and thread-safe.
 */
final class Scopes {
  private static final String VALUE = "=((?:[^,\\\\]++|\\\\[,\\\\])*+)";

  private final List<String> names;
  private final boolean ofOneTag;
  private final Pattern scope;

  Scopes(List<String> tags, boolean perModel) {
    this.names = new ArrayList<>(tags);
    if (perModel) {
      names.add("model");
    }
    this.ofOneTag = tags.size() == 1 && !perModel;
    this.scope =
        Pattern.compile(
            names.stream()
                .map(name -> Pattern.quote(name) + VALUE)
                .collect(Collectors.joining(",")));
  }

  /** Whether it is a scope of this budget; the empty one is where it has a single balance. */
  boolean contains(String text) {
    return scope.matcher(text).matches();
  }

  /**
   * How {@code Budget.Builder.limits} names a scope: by the tag's value, where there is one tag.
   */
  String keyOf(String text) {
    Matcher matcher = scope.matcher(text);
    return ofOneTag && matcher.matches() ? matcher.group(1).replaceAll("\\\\(.)", "$1") : text;
  }

  @Override
  public String toString() {
    return names.isEmpty()
        ? "one balance for all, as it has no 'per'"
        : names.stream().map(name -> name + "=...").collect(Collectors.joining(","));
  }
}
