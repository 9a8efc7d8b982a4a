// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;

/**
 * Collects facts from JSON in one pass over the SDK's own bytes. No tree is built, and a string is
 * only decoded where the shape asks for it: an image of five megabytes is stepped over in place.
 * Confined to one thread.
 */
final class JsonFacts {

  /** A number with more characters is not a count, and parsing it would cost its length. */
  private static final int LONGEST_NUMBER = 32;

  private static final long MOST_BYTES_PER_CHARACTER = 3;

  private final Facts facts;

  /** What to read of each open object or list, the innermost last; null where nothing is read. */
  private @Nullable Shape[] open = new @Nullable Shape[8];

  private boolean[] isList = new boolean[8];
  private int depth;
  private long textStart = -1;
  private Field textField = Field.DOCUMENT_TEXT;

  /** What to read of the value that comes next. */
  private @Nullable Shape next;

  /** Collects what {@code shape} asks for from the tokens it is given. */
  JsonFacts(Shape shape, Facts facts) {
    this.facts = facts;
    this.next = shape;
  }

  /** Reads what {@code shape} asks for; never throws, whatever the bytes are. */
  static void read(@Nullable SdkBytes bytes, Shape shape, Facts facts) {
    if (bytes == null) {
      return;
    }
    try (JsonParser json = JsonNames.current().createParser(bytes.asByteArrayUnsafe())) {
      JsonFacts collected = new JsonFacts(shape, facts);
      // A second document behind the first is not read.
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (collected.isUninteresting(token)) {
          collected.endText(json);
          json.skipChildren();
          continue;
        }
        collected.accept(json, token);
        if (collected.depth == 0) {
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      // The message could quote the body, so only the kind of trouble is noted.
      facts.unreadable(e.getClass().getSimpleName());
    }
  }

  /** Whether an object or a list begins of which nothing is read. */
  boolean isUninteresting(JsonToken token) {
    return token.isStructStart() && depth > 0 && coming() == null;
  }

  /** Whether the value that was begun has not ended. */
  boolean isOpen() {
    return depth > 0;
  }

  /** What to read of the value that comes. */
  private @Nullable Shape coming() {
    if (depth > 0 && isList[depth - 1]) {
      Shape list = open[depth - 1];
      return list == null ? null : list.elements();
    }
    return next;
  }

  /** Takes in the token at which a parser stands. */
  void accept(JsonParser json, JsonToken token) throws IOException {
    endText(json);
    switch (token) {
      case FIELD_NAME -> {
        Shape object = open[depth - 1];
        next = object == null ? null : object.member(json.currentName());
      }
      case START_OBJECT, START_ARRAY -> {
        Shape shape = coming();
        value(json, token, shape);
        push(shape, token == JsonToken.START_ARRAY);
      }
      case END_OBJECT, END_ARRAY -> depth--;
      default -> value(json, token, coming());
    }
  }

  private void value(JsonParser json, JsonToken token, @Nullable Shape shape) throws IOException {
    Field field = shape == null ? null : shape.field();
    if (shape == null || token == JsonToken.VALUE_NULL) {
      return;
    }
    if (field != null) {
      take(json, field, shape.rule(), token);
    } else if (shape.rule() == Shape.Rule.UNKNOWN) {
      noteUnknown(json, token);
    }
  }

  private void push(@Nullable Shape shape, boolean list) {
    if (depth == open.length) {
      open = Arrays.copyOf(open, 2 * depth);
      isList = Arrays.copyOf(isList, 2 * depth);
    }
    open[depth] = shape;
    isList[depth] = list;
    depth++;
    Shape element = list && shape != null ? shape.elements() : null;
    Field counted = element == null ? null : element.field();
    if (element != null && counted != null && element.rule() == Shape.Rule.EACH) {
      facts.add(counted, 0); // an empty list is zero, not silence
    }
  }

  private void take(JsonParser json, Field field, Shape.Rule rule, JsonToken token)
      throws IOException {
    switch (rule) {
      case EACH -> facts.add(field, 1);
      case WORD -> {
        if (token == JsonToken.VALUE_STRING) {
          facts.state(field, json.getText());
        }
      }
      case LENGTH -> {
        if (token == JsonToken.VALUE_STRING) {
          facts.addLength(field, json.getTextLength());
        }
      }
      case PARTS -> {
        if (token == JsonToken.START_ARRAY) {
          facts.beginParts();
        }
      }
      case PART_TYPE -> {
        if (facts.takesNotes()
            && (token != JsonToken.VALUE_STRING || !Samplings.isKnown(json.getText()))) {
          facts.noteUnknown(path(json));
        }
      }
      case TEXT -> text(json, field, token);
      case TOOL -> facts.tool(field, token == JsonToken.VALUE_STRING ? json.getText() : "");
      case IGNORE, UNKNOWN -> {}
      case LAST, CEILING, SUM -> number(json, field, rule, token);
    }
  }

  private void number(JsonParser json, Field field, Shape.Rule rule, JsonToken token)
      throws IOException {
    if (!token.isNumeric()) {
      facts.refuse(field, token.name());
    } else if (json.getTextLength() > LONGEST_NUMBER) {
      facts.refuse(field, "a number of " + json.getTextLength() + " characters");
    } else {
      // Read as a double because a guardrail makes Titan's counts floats, as 28.0.
      facts.state(field, rule, json.getDoubleValue());
    }
  }

  /** Measures a text from the next token, so that the parser skips it without building it. */
  private void text(JsonParser json, Field field, JsonToken token) throws IOException {
    textStart = token == JsonToken.VALUE_STRING ? json.currentTokenLocation().getByteOffset() : -1;
    facts.addText(
        field,
        textStart >= 0
            ? 0
            : token == JsonToken.VALUE_STRING
                ? MOST_BYTES_PER_CHARACTER * json.getTextLength()
                : token.isScalarValue() ? LONGEST_NUMBER : 0);
    textField = field == Field.DOCUMENTS ? Field.DOCUMENT_TEXT : field;
  }

  /** Ends a text that was being measured, at the token after it. */
  void endText(JsonParser json) {
    if (textStart >= 0) {
      long end = json.currentTokenLocation().getByteOffset();
      facts.addText(textField, Math.max(0, end - textStart - 2)); // without its quotes
      textStart = -1;
    }
  }

  /** Notes a value that says something where everything should be understood. */
  private void noteUnknown(JsonParser json, JsonToken token) throws IOException {
    if (!facts.takesNotes()) {
      return;
    }
    boolean saysNothing =
        token.isStructStart()
            || token == JsonToken.VALUE_FALSE
            || (token.isNumeric()
                && json.getTextLength() <= LONGEST_NUMBER
                && json.getDoubleValue() == 0)
            || (token == JsonToken.VALUE_STRING
                && json.getTextLength() <= LONGEST_NUMBER
                && Facts.isUsual(json.getText()));
    if (!saysNothing) {
      facts.noteUnknown(path(json));
    }
  }

  /** The names that lead to the value at which a parser stands. */
  private static String path(JsonParser json) {
    return json.getParsingContext()
        .pathAsPointer()
        .toString()
        .replaceAll("/[0-9]+", "")
        .replaceFirst("^/", "")
        .replace('/', '.');
  }
}
