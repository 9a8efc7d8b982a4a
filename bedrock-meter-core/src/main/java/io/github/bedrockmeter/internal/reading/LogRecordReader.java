// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.price.PriceKey;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one record of Bedrock's model invocation log from a parser, whatever the order of its
 * members. Of the bodies it reads what the readers of answers read; texts are stepped over. What a
 * body has where the record has something of that name is the body's. Confined to one thread.
 */
public final class LogRecordReader {
  /** Longer than anything that a record states outside its bodies. */
  private static final int LONGEST_TEXT = 4_096;

  private static final Pattern COUNT = Pattern.compile("[0-9]{1,10}(\\.0+)?");

  /** Bedrock takes 16 pairs. */
  private static final int MOST_PAIRS = 64;

  private final JsonParser json;
  private final Others others;
  private final Facts answer = new Facts();
  private final Facts request = new Facts();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private boolean isSchema;
  private boolean hasInput;
  private boolean hasOutput;
  private boolean hasRequestBody;
  private boolean hasAnswerBody;
  private @Nullable String timestamp;
  private @Nullable String accountId;
  private @Nullable String region;
  private @Nullable String inferenceRegion;
  private @Nullable String principal;
  private @Nullable String requestId;
  private @Nullable String operation;
  private @Nullable String modelId;
  private @Nullable String errorCode;
  private @Nullable Long inputCount;
  private @Nullable Long outputCount;
  private @Nullable Long cacheReadCount;
  private @Nullable Long cacheWriteCount;
  private @Nullable String latency;
  private @Nullable String requestedLatency;
  private @Nullable String stopReason;
  private @Nullable Long latencyMillis;

  private LogRecordReader(JsonParser json, Others others) {
    this.json = json;
    this.others = others;
  }

  /** Takes the members of an object that no record has. */
  @FunctionalInterface
  public interface Others {
    /**
     * Takes a member at whose value the parser stands, and leaves it at the value's last token.
     *
     * @return whether it did; what it did not take is skipped
     */
    boolean take(String name, JsonParser json) throws IOException;
  }

  /**
   * Reads the object at whose beginning a parser of bytes stands, to its end.
   *
   * @param others takes what a record does not have
   * @throws CutOffException if it is cut off or damaged
   */
  public static LogRecord read(JsonParser json, Others others) throws CutOffException {
    LogRecordReader reader = new LogRecordReader(json, others);
    try {
      reader.record();
      return reader.finished();
    } catch (CutOffException nested) {
      throw nested;
    } catch (IOException | RuntimeException damaged) {
      throw new CutOffException(reader.requestId);
    }
  }

  /** A record that is cut off or damaged; its message quotes nothing of it. */
  public static final class CutOffException extends IOException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String requestId;

    CutOffException(@Nullable String requestId) {
      super("cut off");
      this.requestId = requestId;
    }

    /** The request's id, if it stood before the cut; null if not. */
    public @Nullable String requestId() {
      return requestId;
    }
  }

  private void record() throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "schemaType" -> isSchema = "ModelInvocationLog".equals(text(value));
        case "timestamp" -> timestamp = text(value);
        case "accountId" -> accountId = text(value);
        case "region" -> region = text(value);
        case "inferenceRegion" -> inferenceRegion = text(value);
        case "requestId" -> requestId = text(value);
        case "operation" -> operation = text(value);
        case "modelId" -> modelId = text(value);
        case "errorCode" -> errorCode = text(value);
        case "identity" -> members(value, this::identity);
        case "requestMetadata" -> members(value, this::metadata);
        case "performanceConfig" -> members(value, this::performance);
        case "input" -> {
          hasInput |= value != JsonToken.VALUE_NULL;
          members(value, this::input);
        }
        case "output" -> {
          hasOutput |= value != JsonToken.VALUE_NULL;
          members(value, this::output);
        }
        // Seen at the top by one source; all others have them in the input.
        case "cacheReadInputTokenCount" -> cacheReadCount = first(cacheReadCount, count(value));
        case "cacheWriteInputTokenCount" -> cacheWriteCount = first(cacheWriteCount, count(value));
        default -> {
          if (!others.take(name, json)) {
            json.skipChildren();
          }
        }
      }
    }
    if (json.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("cut off");
    }
  }

  private static @Nullable Long first(@Nullable Long known, @Nullable Long other) {
    return known == null ? other : known;
  }

  private @Nullable String text(JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING || value.isNumeric()) {
      String text = json.getText();
      return text.isBlank() || text.length() > LONGEST_TEXT ? null : text;
    }
    json.skipChildren();
    return null;
  }

  /** A count; Logs Insights writes numbers as texts. */
  private @Nullable Long count(JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NUMBER_INT && json.getNumberType() == JsonParser.NumberType.INT) {
      return Facts.isCount(json.getIntValue()) ? (long) json.getIntValue() : null;
    }
    String text = text(value);
    if (text == null || !COUNT.matcher(text).matches()) {
      return null;
    }
    long count = Long.parseLong(text.substring(0, endOfDigits(text)));
    return Facts.isCount(count) ? count : null;
  }

  private static int endOfDigits(String text) {
    int dot = text.indexOf('.');
    return dot < 0 ? text.length() : dot;
  }

  /** Reads a member's value, at whose beginning the parser stands, to its last token. */
  @FunctionalInterface
  private interface Member {
    void read(String name, JsonToken value) throws IOException;
  }

  /** Reads the members of an object; anything else is skipped. */
  private void members(JsonToken object, Member member) throws IOException {
    if (object != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      member.read(name, json.nextToken());
    }
  }

  private void identity(String name, JsonToken value) throws IOException {
    if (name.equals("arn")) {
      principal = text(value);
    } else {
      json.skipChildren();
    }
  }

  private void metadata(String name, JsonToken value) throws IOException {
    boolean isEmpty = value == JsonToken.VALUE_STRING && json.getTextLength() == 0;
    String text = isEmpty ? "" : text(value);
    if (text != null && metadata.size() < MOST_PAIRS) {
      metadata.put(name, text);
    }
  }

  private void performance(String name, JsonToken value) throws IOException {
    if (name.equals("latency")) {
      latency = text(value);
    } else {
      json.skipChildren();
    }
  }

  private void input(String name, JsonToken value) throws IOException {
    switch (name) {
      case "inputTokenCount" -> inputCount = count(value);
      case "cacheReadInputTokenCount" -> cacheReadCount = count(value);
      case "cacheWriteInputTokenCount" -> cacheWriteCount = count(value);
      case "inputBodyJson" -> {
        hasRequestBody |= value.isStructStart();
        body(value, LogShapes.REQUEST, request);
      }
      default -> json.skipChildren();
    }
  }

  private void output(String name, JsonToken value) throws IOException {
    switch (name) {
      case "outputTokenCount" -> outputCount = count(value);
      case "outputBodyJson" -> {
        hasAnswerBody |= value.isStructStart();
        answer(value);
      }
      default -> json.skipChildren();
    }
  }

  /** One object, or the chunks of a stream, of which some are mere words. */
  private void answer(JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      body(value, LogShapes.ANSWER, answer);
      return;
    }
    JsonToken chunk = json.nextToken();
    while (chunk != null && chunk != JsonToken.END_ARRAY) {
      body(chunk, Shapes.CHUNK, answer);
      chunk = json.nextToken();
    }
  }

  /** Collects facts from an object at whose beginning the parser stands; skips anything else. */
  private void body(JsonToken start, Shape shape, Facts facts) throws IOException {
    if (start != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    JsonFacts collected = new JsonFacts(shape, facts);
    JsonToken token = start;
    do {
      if (collected.isUninteresting(token)) {
        collected.endText(json);
        json.skipChildren();
      } else if (token == JsonToken.FIELD_NAME && json.currentName().equals("cacheDetails")) {
        json.nextToken();
        cacheDetails(facts);
      } else {
        notice(token, facts);
        collected.accept(json, token);
      }
      if (!collected.isOpen()) {
        return;
      }
      token = json.nextToken();
    } while (token != null);
    throw new IOException("cut off");
  }

  /** Words and numbers that are no counts. */
  private void notice(JsonToken token, Facts facts) throws IOException {
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      return;
    }
    String name = json.currentName();
    if (name == null) {
      return;
    }
    switch (name) {
      case "stopReason" -> stopReason = facts == answer ? text(token) : stopReason;
      case "latency" -> {
        if (facts == answer) {
          latency = text(token);
        } else {
          requestedLatency = text(token);
        }
      }
      case "latencyMs", "invocationLatency" -> latencyMillis = count(token);
      default -> {}
    }
  }

  /**
   * Cache writes by lifetime, as Converse lists them: {@code [{"ttl": "1h", "inputTokens": 7}]}.
   */
  private void cacheDetails(Facts facts) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.START_OBJECT) {
      String ttl = null;
      Long tokens = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("ttl")) {
          ttl = text(value);
        } else if (name.equals("inputTokens")) {
          tokens = count(value);
        } else {
          json.skipChildren();
        }
      }
      if (tokens != null) {
        facts.add(ConverseReader.lifetime(ttl), tokens);
      }
    }
  }

  private LogRecord finished() {
    String requestedTier = Tier.of(null, requestedLatency, request);
    LogRecord.Stated stated =
        new LogRecord.Stated(inputCount, outputCount, cacheReadCount, cacheWriteCount);
    return new LogRecord(
        new LogRecord.Origin(timestamp, accountId, region, inferenceRegion, principal),
        new LogRecord.Call(
            requestId,
            operation,
            modelId,
            errorCode,
            isSchema,
            requestedTier == null && PriceKey.LATENCY.equals(Tier.of(null, latency))
                ? PriceKey.LATENCY
                : requestedTier,
            // Of InvokeModel the tier is in headers, which the log does not have.
            operation != null
                && operation.startsWith("Converse")
                && (hasRequestBody || hasAnswerBody),
            hasInput || hasOutput),
        stated,
        Map.copyOf(metadata),
        reading(),
        latencyMillis);
  }

  private Reading reading() {
    state(Field.HEADER_INPUT, inputCount);
    state(Field.HEADER_OUTPUT, outputCount);
    state(Field.HEADER_CACHE_READ, cacheReadCount);
    state(Field.HEADER_CACHE_WRITE, cacheWriteCount);
    LogVerdict verdict = new LogVerdict(modelId, answer, request, hasRequestBody, hasAnswerBody);
    return verdict
        .of(operation, "guardrail_intervened".equals(stopReason))
        .guardrail()
        .reading(Tier.of(null, latency, answer), InvokeModelReader.answeredBy(modelId, answer));
  }

  private void state(Field field, @Nullable Long count) {
    if (count != null) {
      answer.state(field, count);
    }
  }
}
