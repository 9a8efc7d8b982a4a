// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML that is well formed, in which every text and every attribute's value is escaped: nothing
 * that comes from data can become an element. Confined to one thread.
 */
final class Html {
  private final StringBuilder html = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /** Opens an element; attributes are names and values in turn. */
  Html open(String element, String... attributes) {
    empty(element, attributes);
    open.push(element);
    return this;
  }

  /** Closes the element that was opened last. */
  Html close() {
    html.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** An element that has no content and no end, such as {@code meta}. */
  Html empty(String element, String... attributes) {
    html.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      html.append(' ').append(attributes[i]).append("=\"");
      text(attributes[i + 1]);
      html.append('"');
    }
    html.append('>');
    return this;
  }

  /** An element with this text. */
  Html element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close();
  }

  Html text(String text) {
    text.codePoints().forEach(this::append);
    return this;
  }

  private void append(int c) {
    switch (c) {
      case '&' -> html.append("&amp;");
      case '<' -> html.append("&lt;");
      case '>' -> html.append("&gt;");
      case '"' -> html.append("&quot;");
      case '\'' -> html.append("&#39;");
      default -> html.appendCodePoint(c);
    }
  }

  /** A style of this library's own, which is not escaped. */
  Html style(String source) {
    html.append("<style>").append(source).append("</style>\n");
    return this;
  }

  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return "<!doctype html>\n" + html;
  }
}
