// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.ModelId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the model that a new one most likely succeeds: of the same provider and the same series, as
 * {@code claude-haiku}, of the same size where the ids have sizes, and at most one generation away.
 * Where there is none there is no suggestion: a wrong one costs a hundred times as much. Stateless.
 */
final class Relatives {
  private static final Pattern SEPARATOR = Pattern.compile("[^a-z0-9]+");
  private static final Pattern SIZE = Pattern.compile("[ae]?[0-9]+x?[0-9]*[bmk]");
  private static final Pattern VERSION = Pattern.compile("v?[0-9]{1,2}");
  private static final Pattern LETTERS_AND_VERSION = Pattern.compile("([a-z]+)([0-9]{1,2})");

  /** Words that say nothing of what a model costs. */
  private static final List<String> EMPTY = List.of("instruct", "it", "chat", "preview", "latest");

  /** An id, taken apart. */
  private record Parts(
      @Nullable String provider, List<String> series, List<String> sizes, List<Integer> version) {

    static Parts of(String id) {
      List<String> series = new ArrayList<>();
      List<String> sizes = new ArrayList<>();
      List<Integer> version = new ArrayList<>();
      int dot = id.indexOf('.');
      int end = id.indexOf(':') < 0 ? id.length() : id.indexOf(':');
      for (String word : SEPARATOR.split(id.substring(dot + 1, end), -1)) {
        var both = LETTERS_AND_VERSION.matcher(word);
        if (SIZE.matcher(word).matches()) {
          sizes.add(word);
        } else if (VERSION.matcher(word).matches()) {
          // The API's own version of an id, as -v1 at its end, is no generation.
          if (word.charAt(0) != 'v') {
            version.add(Integer.valueOf(word));
          }
        } else if (both.matches()) {
          series.add(both.group(1));
          version.add(Integer.valueOf(both.group(2)));
        } else if (!word.isEmpty() && !EMPTY.contains(word) && !isDate(word)) {
          series.add(word);
        }
      }
      return new Parts(dot < 0 ? null : id.substring(0, dot), series, sizes, version);
    }

    private static boolean isDate(String word) {
      return word.chars().allMatch(Character::isDigit);
    }

    boolean isRelativeOf(Parts that) {
      return provider != null
          && provider.equals(that.provider)
          && !series.isEmpty()
          && series.equals(that.series)
          && sizes.equals(that.sizes)
          && (version.isEmpty() == that.version.isEmpty())
          && (version.isEmpty() || Math.abs(version.get(0) - that.version.get(0)) <= 1);
    }
  }

  private Relatives() {}

  /** The nearest relative of a model that is not known: the newest before it, else the next. */
  static Optional<String> of(String model, Collection<String> known) {
    Parts wanted = Parts.of(model);
    String before = null;
    String after = null;
    for (String candidate : known) {
      Parts parts = Parts.of(candidate);
      if (!parts.isRelativeOf(wanted)) {
        continue;
      }
      if (compare(parts.version(), wanted.version()) <= 0) {
        before = before == null || isNewer(candidate, before) ? candidate : before;
      } else {
        after = after == null || isNewer(after, candidate) ? candidate : after;
      }
    }
    return Optional.ofNullable(before != null ? before : after);
  }

  private static boolean isNewer(String one, String other) {
    return compare(Parts.of(one).version(), Parts.of(other).version()) > 0;
  }

  private static int compare(List<Integer> one, List<Integer> other) {
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      int a = i < one.size() ? one.get(i) : 0;
      int b = i < other.size() ? other.get(i) : 0;
      if (a != b) {
        return Integer.compare(a, b);
      }
    }
    return 0;
  }

  /** A name of the same provider that differs by a letter or two, and in no digit. */
  static Optional<String> misspelt(String model, Collection<String> known) {
    return NearestName.to(model, known)
        .filter(near -> Objects.equals(provider(near), provider(model)))
        .filter(near -> digits(near).equals(digits(model)))
        .filter(near -> lettersBetween(near, model) <= 2);
  }

  /** How long the part is in which two names differ. */
  private static int lettersBetween(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    int start = 0;
    while (start < shorter && one.charAt(start) == other.charAt(start)) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && one.charAt(one.length() - 1 - end) == other.charAt(other.length() - 1 - end)) {
      end++;
    }
    return Math.max(one.length(), other.length()) - start - end;
  }

  private static @Nullable String provider(String id) {
    return ModelId.of(id).provider();
  }

  private static String digits(String id) {
    return id.replaceAll("[^0-9]", "");
  }
}
