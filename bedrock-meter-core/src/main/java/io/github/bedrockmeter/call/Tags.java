// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who and what a call is for: names and values such as {@code team=search}, sorted by name.
 * Budgets, events and Bedrock's invocation logs carry them. Immutable and thread-safe.
 */
public final class Tags {
  private static final Tags NONE = new Tags(Map.of());

  /** No further tag is begun in a log line after so many characters. */
  private static final int MOST_SHOWN = 2_000;

  private final Map<String, String> values;

  private Tags(Map<String, String> values) {
    this.values = values;
  }

  /** No tags. */
  public static Tags none() {
    return NONE;
  }

  /** Tags from names and values in turn: {@code Tags.of("team", "search", "env", "prod")}. */
  public static Tags of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "tags are pairs of a name and a value; the last of "
              + namesAndValues.length
              + " strings has no value: '"
              + shown(namesAndValues[namesAndValues.length - 1])
              + "'");
    }
    Map<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (pairs.put(namesAndValues[i], namesAndValues[i + 1]) != null) {
        throw new IllegalArgumentException(
            "tag '" + Escaped.text(namesAndValues[i]) + "' is given twice");
      }
    }
    return of(pairs);
  }

  /** Tags from a map, which is copied. */
  public static Tags of(Map<String, String> tags) {
    if (tags.isEmpty()) {
      return NONE;
    }
    Map<String, String> sorted = new TreeMap<>();
    tags.forEach(
        (name, value) -> {
          if (name.isBlank()) {
            throw new IllegalArgumentException(
                "a tag's name must not be blank; its value is '" + shown(value) + "'");
          }
          if (value == null) {
            throw new IllegalArgumentException("tag '" + Escaped.text(name) + "' has no value");
          }
          sorted.put(name, value);
        });
    return new Tags(Collections.unmodifiableMap(sorted));
  }

  private static String shown(@Nullable String value) {
    return value == null ? "null" : Escaped.text(value);
  }

  /** These tags over {@code defaults}: where both have a name, this one's value stays. */
  public Tags over(Tags defaults) {
    if (defaults.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return defaults;
    }
    Map<String, String> merged = new TreeMap<>(defaults.values);
    merged.putAll(values);
    return new Tags(Collections.unmodifiableMap(merged));
  }

  /** The value of a tag; null if there is none of that name. */
  public @Nullable String get(String name) {
    return values.get(name);
  }

  /** Whether there are no tags. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** Names and values, sorted by name, unmodifiable. */
  public Map<String, String> asMap() {
    return values;
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof Tags that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** As {@code {env=dev, team=search}}, for a log line: control characters escaped, and cut. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (Map.Entry<String, String> tag : values.entrySet()) {
      if (text.length() > MOST_SHOWN) {
        return text.append(", ...}").toString();
      }
      text.append(text.length() == 1 ? "" : ", ")
          .append(Escaped.text(tag.getKey()))
          .append('=')
          .append(Escaped.text(tag.getValue()));
    }
    return text.append('}').toString();
  }
}
