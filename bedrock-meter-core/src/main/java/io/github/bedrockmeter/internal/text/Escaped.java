// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

/**
 * Text from outside as it may stand in a log line, a message or on a terminal: on one line, without
 * what moves a cursor or changes the order of letters, and no longer than a reader needs.
 * Stateless.
 */
public final class Escaped {
  /** As long as a tag's value in Bedrock's metadata. */
  private static final int MOST = 256;

  private Escaped() {}

  /** The text in 256 characters at most; the same instance if nothing has to be changed. */
  public static String text(String text) {
    return text(text, MOST);
  }

  /**
   * The text in so many characters at most, and how many are left out; the same instance if nothing
   * has to be changed.
   */
  public static String text(String text, int most) {
    return text.length() <= most && text.codePoints().allMatch(Escaped::isPlain)
        ? text
        : escaped(text, most);
  }

  private static String escaped(String text, int most) {
    StringBuilder escaped = new StringBuilder();
    int read = 0;
    while (read < text.length()) {
      int c = text.codePointAt(read);
      String next = isPlain(c) ? Character.toString(c) : escape(c);
      if (escaped.length() + next.length() > most) {
        return escaped
            .append("... (")
            .append(text.length() - read)
            .append(" characters more)")
            .toString();
      }
      escaped.append(next);
      read += Character.charCount(c);
    }
    return escaped.toString();
  }

  private static String escape(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format(c > 0xffff ? "\\u{%x}" : "\\u%04x", c);
    };
  }

  /** Letters, marks, digits, signs and blanks; a lone surrogate is none of these. */
  private static boolean isPlain(int c) {
    if (c >= ' ' && c < 0x7f) {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
