// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import java.util.Collection;
import java.util.Locale;

/** Finds what somebody may have meant. */
final class Near {
  private Near() {}

  /** {@code " (did you mean 'window'?)"}; empty if nothing is near. */
  static String hint(String written, Collection<String> allowed) {
    String nearest = "";
    int least = Math.min(written.length(), Math.max(2, written.length() / 3) + 1);
    for (String candidate : allowed) {
      int distance = distance(written.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest.isEmpty() ? "" : " (did you mean '" + nearest + "'?)";
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
