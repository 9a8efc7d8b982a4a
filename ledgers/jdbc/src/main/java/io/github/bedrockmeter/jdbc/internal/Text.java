// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import org.jspecify.annotations.Nullable;

/** Strings as databases store them. Internal to this module; holds no state, thread-safe. */
public final class Text {
  private static final char REPLACEMENT = '\uFFFD';

  private Text() {}

  /** As {@link #storable}; null if there is no text. */
  public static @Nullable String storableOrNull(@Nullable String text) {
    return text == null ? null : storable(text);
  }

  /**
   * The same string, with what no database stores replaced: the character zero, and unpaired
   * surrogates. Names come from callers, and one invalid name must not stop a journal.
   */
  public static String storable(String text) {
    StringBuilder changed = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        changed = changed == null ? new StringBuilder(text) : changed;
        changed.setCharAt(i, REPLACEMENT);
      }
    }
    return changed == null ? text : changed.toString();
  }
}
