// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose balance of a budget: the value of each tag the budget counts per, in alphabetical order of
 * the tags' names, the model last. Written {@code team=search,user=ann}; a comma or a backslash in
 * a value has a backslash before it, so that no two scopes are written alike. The scope of a budget
 * with one balance is empty. Immutable and thread-safe.
 *
 * <p>Limits, grants, freezes and corrections take this form, and so do the budgets file and the
 * {@code bedrock-meter} command. {@link Budget#scope} checks one for a budget.
 */
public final class BudgetScope {
  /** The scope of a budget with one balance, and of a whole budget. */
  public static final BudgetScope WHOLE = new BudgetScope(List.of(), List.of());

  /** What stands for the model in a scope. */
  static final String MODEL = "model";

  private final List<String> names;
  private final List<String> values;
  private final String text;

  private BudgetScope(List<String> names, List<String> values) {
    this.names = List.copyOf(names);
    this.values = List.copyOf(values);
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      append(written, names.get(i), values.get(i));
    }
    this.text = written.toString();
  }

  /**
   * A scope of these names and values: {@code BudgetScope.of("team", "search", "user", "ann")}.
   *
   * @param namesAndValues names and values in turn, in alphabetical order of the names, {@code
   *     model} last
   */
  public static BudgetScope of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "a scope takes names and values in turn; got " + namesAndValues.length + " words");
    }
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      names.add(checkedName(namesAndValues[i]));
      values.add(namesAndValues[i + 1]);
    }
    return new BudgetScope(names, values);
  }

  /**
   * Reads a scope as it is written.
   *
   * @throws IllegalArgumentException if it is not written as {@code name=value,name=value}
   */
  public static BudgetScope parse(String text) {
    if (text.isEmpty()) {
      return WHOLE;
    }
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    @Nullable String name = null;
    int nameStart = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (name == null) {
        if (c == '=') {
          name = text.substring(nameStart, i);
        } else if (c == ',' || c == '\\') {
          throw malformed(text, null);
        }
      } else if (c == '\\') {
        i++;
        if (i == text.length() || (text.charAt(i) != ',' && text.charAt(i) != '\\')) {
          throw malformed(text, null);
        }
        value.append(text.charAt(i));
      } else if (c == ',') {
        add(names, values, name, value, text);
        name = null;
        nameStart = i + 1;
      } else {
        value.append(c);
      }
    }
    if (name == null) {
      throw malformed(text, null);
    }
    add(names, values, name, value, text);
    return new BudgetScope(names, values);
  }

  private static void add(
      List<String> names, List<String> values, String name, StringBuilder value, String text) {
    if (name.isBlank() || names.contains(name)) {
      throw malformed(text, name.isBlank() ? null : "'" + Escaped.text(name) + "' is named twice");
    }
    names.add(name);
    values.add(value.toString());
    value.setLength(0);
  }

  private static IllegalArgumentException malformed(String text, @Nullable String why) {
    return new IllegalArgumentException(
        "a scope is written as 'team=search' or 'team=search,user=ann', with a backslash before a"
            + " comma or backslash in a value; got '"
            + Escaped.text(text)
            + "'"
            + (why == null ? "" : ": " + why));
  }

  /** A tag's name as a scope can carry it. */
  static String checkedName(String name) {
    if (name.isBlank()
        || name.indexOf('=') >= 0
        || name.indexOf(',') >= 0
        || name.indexOf('\\') >= 0) {
      throw new IllegalArgumentException(
          "the tag a budget counts per must have a name without '=', ',' and '\\': '"
              + Escaped.text(name)
              + "'");
    }
    return name;
  }

  /** Adds {@code name=value} to a scope that is being written. */
  static void append(StringBuilder scope, String name, String value) {
    if (!scope.isEmpty()) {
      scope.append(',');
    }
    scope.append(name).append('=');
    scope.append(
        value.indexOf('\\') < 0 && value.indexOf(',') < 0
            ? value
            : value.replace("\\", "\\\\").replace(",", "\\,"));
  }

  /** The names of the tags, in the order in which they are written; {@code model} for the model. */
  public List<String> names() {
    return names;
  }

  /** The value of a tag, or of {@code model}; null if the scope does not name it. */
  public @Nullable String value(String name) {
    int index = names.indexOf(name);
    return index < 0 ? null : values.get(index);
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof BudgetScope that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The scope as it is written; {@link #parse} reads it back. */
  @Override
  public String toString() {
    return text;
  }
}
