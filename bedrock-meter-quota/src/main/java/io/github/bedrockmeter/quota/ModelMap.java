// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values by model name. A key is a whole name, or the beginning of names when it ends in {@code *};
 * the whole name wins, then the longest beginning. Immutable and thread-safe.
 */
final class ModelMap<V> {
  private final Map<String, V> values;
  private final int longestPattern;

  ModelMap(Map<String, V> values) {
    values.keySet().forEach(ModelMap::check);
    this.values = Map.copyOf(values);
    this.longestPattern = values.keySet().stream().mapToInt(String::length).max().orElse(0);
  }

  /** Refuses what could never match. */
  static String check(String pattern) {
    int star = pattern.indexOf('*');
    if (pattern.isBlank() || (star >= 0 && star < pattern.length() - 1)) {
      throw new IllegalArgumentException(
          "a model must be a whole name, or a beginning such as 'amazon.nova-*': '"
              + Escaped.text(pattern)
              + "'");
    }
    return pattern;
  }

  ModelMap<V> with(String pattern, V value) {
    Map<String, V> more = new TreeMap<>(values);
    more.put(pattern, value);
    return new ModelMap<>(more);
  }

  @Nullable V find(String model) {
    V value = values.get(model);
    // A model's id comes from a caller, and may be far longer than any pattern.
    int longest = Math.min(model.length(), longestPattern - 1);
    for (int length = longest; value == null && length >= 0; length--) {
      value = values.get(model.substring(0, length) + "*");
    }
    return value;
  }
}
