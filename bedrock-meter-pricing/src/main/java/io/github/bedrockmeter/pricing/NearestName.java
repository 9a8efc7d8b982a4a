// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Collection;
import java.util.Locale;

/** Guesses what a misspelt name was meant to be, for messages only: nothing is priced by it. */
final class NearestName {
  private NearestName() {}

  /** {@code "; did you mean 'x'?"}, or nothing if no known name is close. */
  static String hint(String name, Collection<String> known) {
    String lower = name.toLowerCase(Locale.ROOT);
    String nearest = null;
    int least = bound(name) + 1;
    for (String candidate : known) {
      if (Math.abs(candidate.length() - name.length()) >= least) {
        continue;
      }
      int distance = distance(lower, candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest == null ? "" : "; did you mean '" + nearest + "'?";
  }

  private static int bound(String name) {
    return Math.max(2, name.length() / 3);
  }

  /** How many single characters must be added, dropped or replaced to make one from the other. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
