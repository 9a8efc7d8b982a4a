// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.internal.reading.JsonNames;
import io.github.bedrockmeter.internal.reading.RequestUnits;
import io.github.bedrockmeter.usage.Meter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;

/**
 * One pass over the JSON body of an InvokeModel request, for what it can consume. Knows no family:
 * every family writes text as strings, files as base64 strings in one of a few places, and its
 * output limit near the top under one of a few names. Confined to one thread.
 */
final class InvokeBody {
  /** Where a body asks for its prompt to be written to the cache: Anthropic, Nova. */
  private static final Set<String> CACHE_POINTS = Set.of("cache_control", "cachePoint");

  /** Fields that ask for more than one answer. */
  private static final Set<String> ANSWERS =
      Set.of("n", "num_generations", "numResults", "best_of", "num_return_sequences");

  /** Files that lie elsewhere. */
  private static final Set<String> REFERENCES = Set.of("file_url", "file_id");

  private final byte[] body;
  private final String modelId;
  private final @Nullable RequestUnits units;
  private final Extent extent = new Extent();
  private final Deque<BodyLevel> levels = new ArrayDeque<>();
  private String field = "";
  private long fileStart = -1;
  private int limits;

  private InvokeBody(byte[] body, String modelId, @Nullable RequestUnits units) {
    this.body = body;
    this.modelId = modelId;
    this.units = units;
    extent.input = body.length + Allowances.TOKENS_FOR_TOOL_USE;
  }

  /**
   * What a body asks for; its length as a bound where it is no JSON.
   *
   * @param units takes in the meters that are no tokens; null where the model has none
   */
  static Extent scan(SdkBytes bytes, String modelId, @Nullable RequestUnits units) {
    byte[] body = bytes.asByteArrayUnsafe();
    return new InvokeBody(body, modelId, units).scan();
  }

  private Extent scan() {
    try (JsonParser parser = JsonNames.ofRequests().createParser(body)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (units != null) {
          units.accept(parser, token);
        }
        if (fileStart >= 0) {
          // Seen from the next token, so that the parser skips the string without building it.
          endFile(parser.currentTokenLocation().getByteOffset());
        }
        accept(parser, token);
      }
    } catch (IOException | RuntimeException notJson) {
      extent.input = body.length + Allowances.TOKENS_FOR_TOOL_USE + Allowances.TOKENS_PER_FILE;
      extent.notShown(Meter.INPUT, "the body is no JSON that the meter can read to its end");
      extent.notShown(Meter.OUTPUT, "the body is no JSON that the meter can read to its end");
      limits = 2;
      if (units != null) {
        units.unreadable(notJson);
      }
    }
    if (limits != 1) {
      extent.limitFrom = -1;
      extent.limitTo = -1;
    }
    if (units != null) {
      extent.units = units.reading();
    }
    extent.input = Math.max(0, extent.input);
    return extent;
  }

  private void accept(JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT -> begin(parser);
      case END_OBJECT -> end(levels.pop());
      case FIELD_NAME -> {
        field = parser.currentName();
        if (CACHE_POINTS.contains(field)) {
          extent.writesCache(Meter.CACHE_WRITE_5M);
        }
      }
      case VALUE_STRING -> text(parser);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, parser.getText());
      default -> {} // nothing to learn from brackets and the other values
    }
  }

  private void begin(JsonParser parser) {
    BodyLevel parent = levels.peek();
    boolean inArray = parser.getParsingContext().getParent().inArray();
    BodyLevel level = new BodyLevel(field, inArray, parent);
    levels.push(level);
    if (level.depth == 1 && extent.limitPlace < 0) {
      extent.limitPlace = Math.toIntExact(parser.currentTokenLocation().getByteOffset() + 1);
    }
    if (level.depth == 2 && BodyFields.isGroupOfAFamily(field)) {
      extent.groupPlace = Math.toIntExact(parser.currentTokenLocation().getByteOffset() + 1);
    }
    if (parent != null && parent.open && field.equals("s3Location")) {
      addReference(parent);
    }
    if (level.depth == 2 && (field.equals("mcp_servers") || field.equals("web_search_options"))) {
      extent.add(new BuiltInTool(field.equals("mcp_servers") ? "mcp" : "web_search", -1));
    }
  }

  private static void addReference(BodyLevel level) {
    level.files.count++;
    level.files.hidden++;
  }

  private void end(BodyLevel level) {
    BodyLevel parent = levels.peek();
    field = level.name; // what follows may stand in the same list
    if (level.files.count > 0) {
      if (level.kind == null && level.isPartOfABlock() && parent != null && parent.depth > 1) {
        parent.files.add(level.files);
      } else {
        Media.count(level.kind, level.files, modelId, extent);
      }
    }
    BuiltInTool tool = level.isTool ? BuiltInTool.of(level.toolType, level.mostRuns) : null;
    if (tool != null) {
      extent.add(tool);
    }
  }

  private void text(JsonParser parser) throws IOException {
    BodyLevel level = levels.peek();
    if (level == null) {
      return;
    }
    if (level.holdsFile(field)) {
      fileStart = parser.currentTokenLocation().getByteOffset();
      return;
    }
    if (level.open && (REFERENCES.contains(field) || field.equals("url"))) {
      addReference(level);
      return;
    }
    switch (field) {
      case "media_type", "format", "mimeType" ->
          level.kind = level.kind == null ? Media.of(parser.getText()) : level.kind;
      case "type" -> type(level, parser.getText());
      case "ttl" -> {
        if (CACHE_POINTS.contains(level.name)) {
          extent.writesCache(CacheMeters.of(parser.getText()));
        }
      }
      case "name" -> {
        if (level.name.equals("systemTool")) {
          nameTool(parser.getText());
        }
      }
      case "service_tier" -> extent.tier = level.depth == 1 ? parser.getText() : extent.tier;
      case "maxReasoningEffort" -> extent.refusesLimit |= parser.getText().equals("high");
      default -> {
        if (isOfTheRequest(level) && BodyFields.isLimit(field)) {
          number(parser, parser.getText().strip());
          limits = 2; // not ours to write anew
        }
      }
    }
  }

  private void nameTool(String name) {
    for (BodyLevel level : levels) {
      if (level.isTool) {
        level.toolType = name;
      }
    }
  }

  private void type(BodyLevel level, String type) {
    if (level.isTool) {
      level.toolType = type;
    } else if (level.editsContext) {
      extent.samplesAgain |= !type.startsWith("clear_");
    } else if (level.open && level.kind == null) {
      level.kind = Media.of(type);
    }
  }

  private void number(JsonParser parser, String number) {
    BodyLevel level = levels.peek();
    if (level == null) {
      return;
    }
    if (isOfTheRequest(level) && BodyFields.isLimit(field)) {
      extent.limit = Math.max(extent.limit, WrittenCount.of(number));
      limits++;
      extent.limitFrom = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      extent.limitTo = extent.limitFrom < 0 ? -1 : extent.limitFrom + number.length();
    } else if (isOfTheRequest(level) && ANSWERS.contains(field)) {
      extent.answers = Math.max(extent.answers, WrittenCount.of(number));
    } else if (field.equals(BodyFields.THINKING_BUDGET)
        && level.depth == 2
        && BodyFields.THINKING.contains(level.name)) {
      extent.thinking = Math.max(extent.thinking, WrittenCount.of(number));
    } else if (level.isTool && field.equals("max_uses")) {
      level.mostRuns = WrittenCount.of(number);
    }
  }

  private static boolean isOfTheRequest(BodyLevel level) {
    return BodyFields.isNearTheTop(level.depth, level.name);
  }

  private void endFile(long end) {
    BodyLevel level = levels.element();
    int start = Math.toIntExact(fileStart);
    fileStart = -1;
    Media named = Media.of(Base64Pages.mediaType(body, start));
    level.kind = named != null ? named : level.kind == null ? kindOf(field) : level.kind;
    boolean isPdf = level.kind != Media.IMAGE && Base64Pages.isPdf(body, start);
    Media.Files files = level.files;
    files.count++;
    files.bytes += end - start;
    if (isPdf || level.kind == Media.PDF) {
      level.kind = Media.PDF;
      long pages = Base64Pages.pages(body, start);
      files.pages += Math.max(0, pages);
      files.hidden += pages < 0 ? 1 : 0;
    }
  }

  private static @Nullable Media kindOf(String field) {
    return field.toLowerCase(Locale.ROOT).contains("image") || field.contains("mask")
        ? Media.IMAGE
        : null;
  }
}
