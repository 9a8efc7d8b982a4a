// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.regex.Pattern;

/** Quotes words for a shell. Stateless. */
final class Shell {
  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_./:=,+-]+");

  private Shell() {}

  /**
   * A word that bash and zsh, and any POSIX shell where it has no invisible characters, read as
   * this text. It is on one line, and shows what it holds.
   */
  static String word(String text) {
    if (BARE.matcher(text).matches()) {
      return text;
    }
    if (Escaped.text(text, Integer.MAX_VALUE).equals(text)) {
      return "'" + text.replace("'", "'\\''") + "'";
    }
    StringBuilder word = new StringBuilder("$'");
    text.codePoints().forEach(c -> append(word, c));
    return word.append('\'').toString();
  }

  private static void append(StringBuilder word, int c) {
    String sign = Character.toString(c);
    if (c == '\'' || c == '\\') {
      word.append('\\').append(sign);
    } else if (Escaped.text(sign, Integer.MAX_VALUE).equals(sign)) {
      word.append(sign);
    } else {
      // Three octal digits, which a digit that follows cannot prolong; a lone surrogate is a '?'.
      for (byte part : sign.getBytes(UTF_8)) {
        word.append(String.format("\\%03o", part & 0xff));
      }
    }
  }
}
