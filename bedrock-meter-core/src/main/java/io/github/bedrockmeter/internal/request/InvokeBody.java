// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.reading.RequestUnits;
import io.github.bedrockmeter.usage.Meter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;

/**
 * Bounds what an InvokeModel request can consume, from its JSON body. Knows no family: every family
 * writes text as strings, files as base64 strings under one of a few names, and its output limit
 * near the top under one of a few names.
 */
final class InvokeBody {
  /** Where a body asks for its prompt to be written to the cache: Anthropic, Nova. */
  private static final Set<String> CACHE_POINTS = Set.of("cache_control", "cachePoint");

  /** Fields that ask for more than one answer. */
  private static final Set<String> ANSWERS =
      Set.of("n", "num_generations", "numResults", "best_of");

  /** Fields whose value can be a file in base64, in the bodies of the families that take files. */
  private static final Set<String> FILES =
      Set.of(
          "data", "bytes", "inputImage", "image", "images", "url", "mediaSource", "base64String");

  /** Fields that hold images, whatever is inside them. */
  private static final Set<String> IMAGES =
      Set.of("image", "images", "inputImage", "image_url", "conditionImage");

  /** Shorter strings under such a name are names and words. */
  private static final int SHORTEST_FILE = 64;

  private InvokeBody() {}

  /**
   * What one pass over a body finds.
   *
   * @param inputTokens at most so many tokens in the prompt
   * @param maxOutputTokens the limit the body sets for one answer; -1 if none
   * @param answers how many answers it asks for
   * @param cacheWrite the highest-priced cache meter its input may be counted in; null if none
   * @param units the meters that are no tokens, as far as the body says
   */
  record Scan(
      long inputTokens,
      long maxOutputTokens,
      long answers,
      @Nullable Meter cacheWrite,
      Reading units) {
    static final Scan EMPTY = ofUnits(Reading.NOTHING);

    /** A request without a body, of which this is known. */
    static Scan ofUnits(Reading units) {
      return new Scan(0, -1, 1, null, units);
    }
  }

  /** One JSON object on the way down. */
  private static final class Level {
    private final String name;
    private boolean image;
    private long fileBytes;
    private int files;

    Level(String name, boolean image) {
      this.name = name;
      this.image = image;
    }

    /** What its files count beyond the bytes they are written in. */
    long allowance() {
      return image
          ? files * Allowances.TOKENS_PER_IMAGE - fileBytes
          : files * Allowances.TOKENS_PER_FILE;
    }
  }

  /**
   * What a body asks for; its length as a bound where it is no JSON.
   *
   * @param units takes in the meters that are no tokens; null where the model has none
   */
  static Scan scan(SdkBytes bytes, @Nullable RequestUnits units) {
    byte[] body = bytes.asByteArrayUnsafe();
    long tokens = body.length + Allowances.TOKENS_FOR_TOOL_USE;
    long limit = -1;
    long answers = 1;
    boolean writesCache = false;
    boolean forAnHour = false;
    boolean isJson = true;
    Deque<Level> levels = new ArrayDeque<>();
    try (JsonParser parser = BodyFields.JSON.createParser(body)) {
      String field = "";
      long fileStart = -1;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (units != null) {
          units.accept(parser, token);
        }
        long offset = parser.currentTokenLocation().getCharOffset();
        Level level = levels.peek();
        if (fileStart >= 0 && level != null) {
          // Seen from the next token, so that the parser skips the string without building it.
          addFile(level, offset - fileStart, field);
          fileStart = -1;
        }
        switch (token) {
          case START_OBJECT ->
              levels.push(
                  new Level(field, IMAGES.contains(field) || (level != null && level.image)));
          case END_OBJECT -> tokens += levels.pop().allowance();
          case FIELD_NAME -> {
            field = parser.currentName();
            writesCache |= CACHE_POINTS.contains(field);
          }
          case VALUE_STRING -> {
            if (FILES.contains(field)) {
              fileStart = offset;
            } else if (field.equals("ttl")) {
              forAnHour |= parser.getText().equals("1h");
            } else if (level != null && saysImage(field, parser)) {
              level.image = true;
            }
          }
          case VALUE_NUMBER_INT -> {
            if (BodyFields.OUTPUT_LIMITS.contains(field) && isNearTheTop(levels)) {
              limit = Math.max(limit, BodyFields.clamped(parser));
            } else if (ANSWERS.contains(field) && isNearTheTop(levels)) {
              answers = Math.max(answers, BodyFields.clamped(parser));
            }
          }
          default -> {} // nothing to learn from brackets and the other values
        }
      }
    } catch (IOException | RuntimeException notJson) {
      isJson = false;
      if (units != null) {
        units.unreadable(notJson);
      }
    }
    return new Scan(
        isJson ? Math.max(0, tokens) : body.length + Allowances.TOKENS_FOR_TOOL_USE,
        isJson ? limit : -1,
        isJson ? answers : 1,
        !writesCache ? null : forAnHour ? Meter.CACHE_WRITE_1H : Meter.CACHE_WRITE_5M,
        units == null ? Reading.NOTHING : units.reading());
  }

  private static void addFile(Level level, long length, String field) {
    if (length >= SHORTEST_FILE) {
      level.files++;
      level.fileBytes += length;
      level.image |= IMAGES.contains(field);
    }
  }

  private static boolean saysImage(String field, JsonParser parser) throws IOException {
    return switch (field) {
      case "media_type" -> parser.getText().startsWith("image/");
      case "type" -> parser.getText().equals("image") || parser.getText().equals("image_url");
      default -> false;
    };
  }

  private static boolean isNearTheTop(Deque<Level> levels) {
    Level level = levels.peek();
    return level != null && BodyFields.isNearTheTop(levels.size(), level.name);
  }
}
