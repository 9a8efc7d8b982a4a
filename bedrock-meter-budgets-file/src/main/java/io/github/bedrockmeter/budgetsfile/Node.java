// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of the file and its position; {@code toString} quotes it for a message. Immutable and
 * thread-safe.
 */
sealed interface Node {

  /** Where it begins. */
  Position at();

  /** The value without its position: equal for equal definitions. */
  Object plain();

  /** A line and a column, both from 1. */
  record Position(int line, int column) {}

  /** The kind of a scalar by its syntax; numbers keep the text they are written with. */
  enum Kind {
    TEXT,
    NUMBER,
    BOOLEAN,
    NOTHING
  }

  /** A single value. */
  record Scalar(Kind kind, String text, Position at) implements Node {
    @Override
    public Object plain() {
      return Map.entry(kind, text);
    }

    @Override
    public String toString() {
      return switch (kind) {
        case TEXT -> "'" + Escaped.text(text) + "'";
        case NUMBER, BOOLEAN -> Escaped.text(text);
        case NOTHING -> "nothing";
      };
    }
  }

  /** Values in their order. */
  record Sequence(List<Node> items, Position at) implements Node {
    @Override
    public Object plain() {
      return items.stream().map(Node::plain).toList();
    }

    @Override
    public String toString() {
      return "a list";
    }
  }

  /** Values by key, in the file's order. */
  record Mapping(Map<String, Entry> entries, Position at) implements Node {
    @Override
    public Object plain() {
      Map<String, Object> plain = new HashMap<>();
      entries.forEach((key, entry) -> plain.put(key, entry.value().plain()));
      return plain;
    }

    @Override
    public String toString() {
      return "a mapping";
    }
  }

  /** A value, and the position of its key. */
  record Entry(Position keyAt, Node value) {}
}
