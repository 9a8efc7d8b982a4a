// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Guesses which known name a misspelt one was meant to be. For messages only. */
public final class NearestName {
  private NearestName() {}

  /** {@code "; did you mean 'x'?"}, or an empty string if no known name is close. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(nearest -> "; did you mean '" + nearest + "'?").orElse("");
  }

  /** The known name that is closest; empty if none is close. */
  public static Optional<String> of(String name, Collection<String> known) {
    String lower = name.toLowerCase(Locale.ROOT);
    Optional<String> nearest = Optional.empty();
    int least = Math.min(name.length(), Math.max(2, name.length() / 3) + 1);
    for (String candidate : known) {
      if (Math.abs(candidate.length() - name.length()) >= least) {
        continue;
      }
      int distance = distance(lower, candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = Optional.of(candidate);
      }
    }
    return nearest;
  }

  /** How many single characters must be added, removed or replaced to make one from the other. */
  private static int distance(String a, String b) {
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
