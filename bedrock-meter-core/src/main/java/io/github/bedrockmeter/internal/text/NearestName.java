// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a misspelt one stands for. Stateless. */
public final class NearestName {
  private NearestName() {}

  /**
   * The nearest of some names, ignoring case; empty if more than a third of the letters, and more
   * than two, would have to be changed.
   */
  public static Optional<String> to(String written, Collection<String> names) {
    String nearest = null;
    int least = Math.min(written.length(), Math.max(2, written.length() / 3) + 1);
    for (String name : names) {
      int distance = distance(written.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code " (did you mean 'window'?)"}; empty if nothing is near. */
  public static String hint(String written, Collection<String> names) {
    return to(written, names)
        .map(name -> " (did you mean '" + Escaped.text(name) + "'?)")
        .orElse("");
  }

  /** How many letters have to be changed, added or left out (Levenshtein's distance). */
  private static int distance(String from, String to) {
    int[] before = new int[to.length() + 1];
    for (int j = 0; j < before.length; j++) {
      before[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] now = new int[before.length];
      now[0] = i;
      for (int j = 1; j < now.length; j++) {
        int changed = before[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(changed, 1 + Math.min(before[j], now[j - 1]));
      }
      before = now;
    }
    return before[to.length()];
  }
}
