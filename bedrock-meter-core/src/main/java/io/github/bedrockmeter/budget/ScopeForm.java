// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one budget writes the scopes of its balances: which names, in which order. Immutable and
 * thread-safe.
 */
final class ScopeForm {
  private static final int MOST_REMEMBERED = 1_000;

  private final List<String> tags;
  private final boolean perModel;
  private final List<String> names;

  /** Scopes that a model alone decides, so that a call does not write its scope anew. */
  private final Map<String, String> ofModels = new ConcurrentHashMap<>();

  /**
   * The form of a budget's scopes.
   *
   * @param tags the tags it counts per, in the order their values are written
   */
  ScopeForm(List<String> tags, boolean perModel) {
    this.tags = tags;
    this.perModel = perModel;
    List<String> all = new ArrayList<>(tags);
    if (perModel) {
      all.add(BudgetScope.MODEL);
    }
    this.names = List.copyOf(all);
  }

  /** The scope that a call is counted in, as it is written; a tag it lacks has no value. */
  String of(MeteredCall call) {
    if (names.isEmpty()) {
      return "";
    }
    if (tags.isEmpty()) {
      String known = ofModels.get(call.modelId());
      return known != null ? known : remembered(call);
    }
    return written(call);
  }

  private String remembered(MeteredCall call) {
    String scope = written(call);
    if (ofModels.size() < MOST_REMEMBERED) {
      ofModels.put(call.modelId(), scope);
    }
    return scope;
  }

  private String written(MeteredCall call) {
    StringBuilder scope = new StringBuilder();
    for (int i = 0; i < tags.size(); i++) {
      String value = call.tags().get(tags.get(i));
      BudgetScope.append(scope, tags.get(i), value == null ? "" : value);
    }
    if (perModel) {
      BudgetScope.append(scope, BudgetScope.MODEL, call.modelId());
    }
    return scope.toString();
  }

  /**
   * A scope that has been written, if a balance of this budget can have it.
   *
   * @throws IllegalArgumentException with the form that is expected, and the nearest right scope
   */
  BudgetScope checked(String budget, String text) {
    @Nullable BudgetScope scope = null;
    try {
      scope = BudgetScope.parse(text);
    } catch (IllegalArgumentException notAScope) {
      // Refused below, with the form that this budget expects.
    }
    if (scope != null && scope.names().equals(names)) {
      return scope;
    }
    String meant = meant(text, scope);
    throw new IllegalArgumentException(
        "budget '"
            + Escaped.text(budget)
            + "' has "
            + (names.isEmpty()
                ? "one balance, whose scope is empty"
                : "scopes written as '" + Escaped.text(example()) + "'")
            + "; got '"
            + Escaped.text(text)
            + "'"
            + (meant == null ? "" : " (did you mean '" + Escaped.text(meant) + "'?)"));
  }

  private String example() {
    return names.stream().map(name -> name + "=...").collect(Collectors.joining(","));
  }

  /** What may have been meant: a value alone, another order, a misspelt name; null if unclear. */
  private @Nullable String meant(String text, @Nullable BudgetScope scope) {
    if (names.size() == 1 && text.indexOf('=') < 0) {
      return written(Map.of(names.get(0), text));
    }
    if (scope == null || scope.names().size() != names.size()) {
      return null;
    }
    Map<String, String> values = new HashMap<>();
    for (String name : scope.names()) {
      String known = names.contains(name) ? name : NearestName.to(name, names).orElse(name);
      String value = scope.value(name);
      values.put(known, value == null ? "" : value);
    }
    return values.keySet().equals(new HashSet<>(names)) ? written(values) : null;
  }

  private String written(Map<String, String> values) {
    StringBuilder scope = new StringBuilder();
    for (String name : names) {
      BudgetScope.append(scope, name, values.getOrDefault(name, ""));
    }
    return scope.toString();
  }
}
