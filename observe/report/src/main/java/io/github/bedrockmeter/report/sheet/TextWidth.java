// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.sheet;

import java.util.ArrayList;
import java.util.List;

/**
 * How many columns of a terminal a text takes: letters of Chinese, Japanese and Korean, and most
 * emoji, take two; marks that stand on a letter take none. Stateless.
 */
public final class TextWidth {
  /** What a long text is broken after. */
  private static final String BREAKS = " ,-./:=_";

  /** Of two columns, by Unicode's East Asian Width: first and last, in turn. */
  private static final int[] WIDE = {
    0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0xa4cf, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900, 0xfaff,
    0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff00, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18aff, 0x1b000,
    0x1b2ff, 0x1f200, 0x1f265, 0x1f300, 0x1f64f, 0x1f680, 0x1f6ff, 0x1f7e0, 0x1f7eb, 0x1f900,
    0x1faff, 0x20000, 0x3fffd
  };

  private TextWidth() {}

  /** The columns that a text takes. */
  public static int of(String text) {
    return text.codePoints().map(TextWidth::of).sum();
  }

  private static int of(int letter) {
    if (letter < 0x300) {
      return 1;
    }
    int type = Character.getType(letter);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    for (int i = 0; i < WIDE.length; i += 2) {
      if (letter >= WIDE[i] && letter <= WIDE[i + 1]) {
        return 2;
      }
    }
    return 1;
  }

  /** As many blanks as a text is short of a width. */
  public static String gap(String text, int width) {
    return " ".repeat(Math.max(0, width - of(text)));
  }

  /** The lines of a text in so many columns, broken after a blank or a sign where there is one. */
  public static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (of(rest) > width) {
      int end = end(rest, width);
      if (end == rest.length()) {
        break; // a letter that is wider than the width
      }
      lines.add(rest.substring(0, end).stripTrailing());
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return List.copyOf(lines);
  }

  private static int end(String text, int width) {
    int fitting = fitting(text, width);
    if (fitting < text.length() && text.charAt(fitting) == ' ') {
      return fitting;
    }
    for (int end = fitting; end > fitting / 2; end--) {
      if (BREAKS.indexOf(text.charAt(end - 1)) >= 0) {
        return end;
      }
    }
    return fitting;
  }

  /** How many of its chars fit; the first letter does, however narrow the width. */
  private static int fitting(String text, int width) {
    int columns = 0;
    int at = 0;
    while (at < text.length()) {
      int letter = text.codePointAt(at);
      columns += of(letter);
      if (columns > width && at > 0) {
        return at;
      }
      at += Character.charCount(letter);
    }
    return at;
  }
}
