// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import org.jspecify.annotations.Nullable;

/** Text from outside in the form that CloudWatch takes. Stateless. */
final class SafeText {
  /** A dimension's value where a call has none. */
  static final String NONE = "(none)";

  /** CloudWatch's limit for a dimension's value, and ours for a property. */
  private static final int LONGEST = 1_024;

  private static final char REPLACEMENT = '\ufffd';

  private SafeText() {}

  /**
   * A dimension's value: printable ASCII, at least one character of it not blank, at most 1,024.
   * Other characters are written as {@code \}{@code u00e9}, so that two values stay two.
   */
  static String dimension(@Nullable String value) {
    if (value == null || value.isBlank()) {
      return NONE;
    }
    if (value.length() <= LONGEST && isPrintableAscii(value)) {
      return value;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      String next = isPrintableAscii(c) ? Character.toString(c) : String.format("\\u%04x", (int) c);
      if (text.length() + next.length() > LONGEST) {
        break;
      }
      text.append(next);
    }
    return text.toString().isBlank() ? NONE : text.toString();
  }

  private static boolean isPrintableAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPrintableAscii(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintableAscii(char c) {
    return c >= ' ' && c < 0x7f;
  }

  /** A property's name or value: at most 1,024 characters, no half of one. */
  static String property(String value) {
    String cut = value.length() > LONGEST ? value.substring(0, LONGEST) : value;
    if (isPrintableAscii(cut)) {
      return cut;
    }
    StringBuilder text = new StringBuilder(cut.length());
    for (int i = 0; i < cut.length(); i += Character.charCount(cut.codePointAt(i))) {
      int c = cut.codePointAt(i);
      text.appendCodePoint(c <= 0xffff && Character.isSurrogate((char) c) ? REPLACEMENT : c);
    }
    return text.toString();
  }
}
