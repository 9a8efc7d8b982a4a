// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.github.bedrockmeter.budgetsfile.Node.Position;
import io.github.bedrockmeter.internal.text.Escaped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads the text of a YAML or JSON file into nodes. Confined to one thread. */
final class Document {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonFactory YAML = new YAMLFactory();
  private static final char UNDECODABLE = '\uFFFD';

  private final JsonParser parser;
  private final Problems problems;

  private Document(JsonParser parser, Problems problems) {
    this.parser = parser;
    this.problems = problems;
  }

  /** The file's root value; null if a problem says why there is none. */
  static @Nullable Node parse(String text, boolean yaml, Problems problems) {
    int undecodable = text.indexOf(UNDECODABLE);
    if (undecodable >= 0) {
      String before = text.substring(0, undecodable);
      problems.add(
          new Position(
              (int) before.chars().filter(c -> c == '\n').count() + 1,
              undecodable - before.lastIndexOf('\n')),
          "this is not UTF-8 text");
      return null;
    }
    String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
    try (JsonParser parser = (yaml ? YAML : JSON).createParser(withoutMark)) {
      return new Document(parser, problems).read();
    } catch (JsonProcessingException malformed) {
      problems.add(positionOf(malformed), messageOf(malformed));
      return null;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static Position positionOf(JsonProcessingException malformed) {
    if (malformed.getCause() instanceof MarkedYAMLException yaml && yaml.getProblemMark() != null) {
      return new Position(
          yaml.getProblemMark().getLine() + 1, yaml.getProblemMark().getColumn() + 1);
    }
    JsonLocation location = malformed.getLocation();
    return location == null ? new Position(1, 1) : positionOf(location);
  }

  private static Position positionOf(JsonLocation location) {
    return new Position(location.getLineNr(), location.getColumnNr());
  }

  private static String messageOf(JsonProcessingException malformed) {
    if (malformed instanceof JsonEOFException) {
      return "the file ends before it is complete";
    }
    return "this cannot be read: "
        + (malformed.getCause() instanceof MarkedYAMLException yaml
            ? yaml.getProblem()
            : malformed.getOriginalMessage());
  }

  private @Nullable Node read() throws IOException {
    if (parser.nextToken() == null) {
      problems.add(
          new Position(1, 1), "the file is empty; write a file without budgets as budgets: []");
      return null;
    }
    Node root = node();
    if (parser.nextToken() != null) {
      problems.add(at(), "a second document begins here; a file must have one document");
    }
    return root;
  }

  private Position at() {
    return positionOf(parser.currentTokenLocation());
  }

  /** The value that begins at the current token; its last token is the current one afterwards. */
  private Node node() throws IOException {
    Position at = at();
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      problems.add(
          at,
          "'*"
              + Escaped.text(parser.getText())
              + "' is an alias, which is not supported; write the value itself, or put it in quotes");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(at);
      case START_ARRAY -> sequence(at);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalar(Node.Kind.NUMBER, at);
      case VALUE_TRUE, VALUE_FALSE -> scalar(Node.Kind.BOOLEAN, at);
      case VALUE_NULL -> scalar(Node.Kind.NOTHING, at);
      default -> scalar(Node.Kind.TEXT, at);
    };
  }

  private Node scalar(Node.Kind kind, Position at) throws IOException {
    return new Node.Scalar(kind, parser.getText(), at);
  }

  private Node sequence(Position at) throws IOException {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node());
    }
    return new Node.Sequence(items, at);
  }

  private Node mapping(Position at) throws IOException {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Position keyAt = at();
      parser.nextToken();
      Node.Entry other = entries.putIfAbsent(key, new Node.Entry(keyAt, node()));
      if (other != null) {
        problems.add(
            keyAt,
            "key '"
                + Escaped.text(key)
                + "' is given twice; first on line "
                + other.keyAt().line());
      }
    }
    return new Node.Mapping(entries, at);
  }
}
