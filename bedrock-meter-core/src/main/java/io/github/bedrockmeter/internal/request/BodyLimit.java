// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Changes the limit on its output that an InvokeModel body sets. Stateless. */
final class BodyLimit {
  private BodyLimit() {}

  /**
   * The body with another limit on its output, otherwise the same text; null where it sets none,
   * sets several, or lets the model think for as long.
   */
  static byte @Nullable [] set(byte[] body, int limit) {
    String text = new String(body, StandardCharsets.UTF_8);
    Deque<String> levels = new ArrayDeque<>();
    int from = -1;
    int to = -1;
    try (JsonParser parser = BodyFields.JSON.createParser(text)) {
      String field = "";
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_OBJECT -> levels.push(field);
          case END_OBJECT -> levels.pop();
          case FIELD_NAME -> field = parser.currentName();
          case VALUE_NUMBER_INT -> {
            if (BodyFields.OUTPUT_LIMITS.contains(field) && isNearTheTop(levels)) {
              if (from >= 0) {
                return null;
              }
              from = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
              to = from + parser.getTextLength();
            } else if (field.equals(BodyFields.THINKING_BUDGET)
                && levels.size() == 2
                && BodyFields.THINKING.contains(levels.element())
                && BodyFields.clamped(parser) >= limit) {
              return null;
            }
          }
          default -> {} // nothing to learn from brackets and the other values
        }
      }
    } catch (IOException | RuntimeException notJson) {
      return null;
    }
    if (from < 0) {
      return null;
    }
    return (text.substring(0, from) + limit + text.substring(to)).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isNearTheTop(Deque<String> levels) {
    String object = levels.peek();
    return object != null && BodyFields.isNearTheTop(levels.size(), object);
  }
}
