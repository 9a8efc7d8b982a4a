// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;

/**
 * Collects facts from JSON in one pass over the SDK's own bytes. No tree is built, and a string is
 * only decoded where the shape asks for it: an image of five megabytes is stepped over in place.
 */
final class JsonFacts {

  /** A number with more characters is not a count, and parsing it would cost its length. */
  private static final int LONGEST_NUMBER = 32;

  private final JsonParser json;
  private final Facts facts;

  private JsonFacts(JsonParser json, Facts facts) {
    this.json = json;
    this.facts = facts;
  }

  /** Reads what {@code shape} asks for; never throws, whatever the bytes are. */
  static void read(@Nullable SdkBytes bytes, Shape shape, Facts facts) {
    if (bytes == null) {
      return;
    }
    try (JsonParser json = JsonNames.current().createParser(bytes.asByteArrayUnsafe())) {
      if (json.nextToken() != null) {
        new JsonFacts(json, facts).value(shape);
      }
    } catch (IOException | RuntimeException e) {
      // The message could quote the body, so only the kind of trouble is told.
      facts.unreadable(e.getClass().getSimpleName());
    }
  }

  private void value(Shape shape) throws IOException {
    JsonToken token = json.currentToken();
    Field field = shape.field();
    if (field != null && token != JsonToken.VALUE_NULL) {
      take(field, shape.rule(), token);
    }
    if (token == JsonToken.START_OBJECT) {
      members(shape);
    } else if (token == JsonToken.START_ARRAY) {
      elements(shape.elements());
    }
  }

  private void members(Shape shape) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      Shape member = shape.member(json.currentName());
      json.nextToken();
      if (member == null) {
        json.skipChildren();
      } else {
        value(member);
      }
    }
  }

  private void elements(@Nullable Shape element) throws IOException {
    if (element == null) {
      json.skipChildren();
      return;
    }
    Field counted = element.field();
    if (counted != null && element.rule() == Shape.Rule.EACH) {
      facts.add(counted, 0); // an empty list is zero, not silence
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      value(element);
    }
  }

  private void take(Field field, Shape.Rule rule, JsonToken token) throws IOException {
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
      case LAST, CEILING, SUM -> number(field, rule, token);
    }
  }

  private void number(Field field, Shape.Rule rule, JsonToken token) throws IOException {
    if (!token.isNumeric()) {
      facts.refuse(field, token.name());
    } else if (json.getTextLength() > LONGEST_NUMBER) {
      facts.refuse(field, "a number of " + json.getTextLength() + " characters");
    } else {
      // Read as a double because a guardrail makes Titan's counts floats, as 28.0.
      facts.state(field, rule, json.getDoubleValue());
    }
  }
}
