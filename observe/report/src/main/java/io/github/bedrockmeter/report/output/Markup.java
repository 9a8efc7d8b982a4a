// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML that is well formed, in which every text and every attribute's value is escaped: nothing
 * that comes from data can become an element. Confined to one thread.
 */
final class Markup {
  private final StringBuilder html = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /** Opens an element; attributes are names and values in turn. */
  Markup open(String element, String... attributes) {
    start(element, attributes);
    open.push(element);
    return this;
  }

  /** Closes the element that was opened last. */
  Markup close() {
    html.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element that has no content and no end, such as {@code meta}. */
  Markup empty(String element, String... attributes) {
    start(element, attributes);
    return this;
  }

  Markup text(String text) {
    html.append(escaped(text));
    return this;
  }

  /** A name that may be long, which breaks after its signs only. */
  Markup name(String name) {
    int from = 0;
    for (int at = 0; at < name.length(); at++) {
      if (".:/-_=".indexOf(name.charAt(at)) >= 0) {
        text(name.substring(from, at + 1)).empty("wbr");
        from = at + 1;
      }
    }
    return text(name.substring(from));
  }

  /** An element with this text. */
  Markup element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close();
  }

  Markup line() {
    html.append('\n');
    return this;
  }

  /** Source of a style or a script, which HTML does not escape: only from this library's files. */
  Markup source(String element, String source) {
    if (source.contains("</")) {
      throw new IllegalArgumentException("the source of a " + element + " ends its element");
    }
    html.append('<').append(element).append('>').append(source);
    html.append("</").append(element).append('>');
    return this;
  }

  /** The page, when everything is closed. */
  String html() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return "<!doctype html>\n" + html + "\n";
  }

  private void start(String element, String... attributes) {
    html.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      html.append(' ').append(attributes[i]);
      html.append("=\"").append(escaped(attributes[i + 1])).append('"');
    }
    html.append('>');
  }

  /**
   * Text with what HTML gives a meaning replaced, and what moves letters or cursors made visible.
   */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(escaped, c));
    return escaped.toString();
  }

  private static void append(StringBuilder escaped, int c) {
    switch (c) {
      case '&' -> escaped.append("&amp;");
      case '<' -> escaped.append("&lt;");
      case '>' -> escaped.append("&gt;");
      case '"' -> escaped.append("&quot;");
      case '\'' -> escaped.append("&#39;");
      default -> {
        int type = Character.getType(c);
        boolean harmful =
            type == Character.FORMAT
                || type == Character.SURROGATE
                || (type == Character.CONTROL && c != '\n' && c != '\t');
        if (harmful) {
          escaped.append(String.format("\\u%04x", c));
        } else {
          escaped.appendCodePoint(c);
        }
      }
    }
  }
}
