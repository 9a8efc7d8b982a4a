// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import java.util.function.Predicate;

/**
 * A text in which a star stands for any characters, or none. Matching takes time in proportion to
 * the value, which may come from a caller, whatever the pattern. Immutable and thread-safe.
 */
final class Glob implements Predicate<String> {
  private final String[] parts;

  Glob(String pattern) {
    this.parts = pattern.split("\\*", -1);
  }

  @Override
  public boolean test(String value) {
    String first = parts[0];
    if (parts.length == 1) {
      return value.equals(first);
    }
    String last = parts[parts.length - 1];
    if (!value.startsWith(first)) {
      return false;
    }
    // The leftmost place of a part leaves most room for those after it, so none is tried again.
    int at = first.length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = value.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return value.length() - last.length() >= at && value.endsWith(last);
  }
}
