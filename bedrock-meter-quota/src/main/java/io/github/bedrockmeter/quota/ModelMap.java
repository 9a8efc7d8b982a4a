// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values by model name. A key is a whole name, or the beginning of names when it ends in {@code *};
 * the whole name wins, then the longest beginning. Immutable and thread-safe.
 */
final class ModelMap<V> {
  private final Map<String, V> values;

  ModelMap(Map<String, V> values) {
    values.keySet().forEach(ModelMap::check);
    this.values = Map.copyOf(values);
  }

  /** Refuses what could never match. */
  static String check(String pattern) {
    int star = pattern.indexOf('*');
    if (pattern.isBlank() || (star >= 0 && star < pattern.length() - 1)) {
      throw new IllegalArgumentException(
          "a model must be a whole name, or a beginning such as 'amazon.nova-*': '"
              + pattern
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
    for (int length = model.length(); value == null && length >= 0; length--) {
      value = values.get(model.substring(0, length) + "*");
    }
    return value;
  }
}
