// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.internal.reading.JsonNames;
import io.github.bedrockmeter.internal.reading.LogRecord;
import io.github.bedrockmeter.internal.reading.LogRecordReader;
import io.github.bedrockmeter.report.facts.Skipped.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records in a piece of JSON: a record itself, a list of them, or what CloudWatch,
 * Firehose and Logs Insights wrap around them. Confined to one thread.
 */
final class Envelopes {
  /** An envelope in an envelope in an envelope, and then some. */
  private static final int DEEPEST = 8;

  /** More than a subscription or a stream delivers at once. */
  private static final int MOST_UNPACKED_BYTES = 256_000_000;

  private final Place place;
  private final LogCalls calls;
  private final FactSink sink;
  private int depth;

  Envelopes(Place place, LogCalls calls, FactSink sink) {
    this.place = place;
    this.calls = calls;
    this.sink = sink;
  }

  /** Reads all documents of a parser. */
  void read(JsonParser json) throws IOException {
    for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
      value(json, token);
    }
  }

  private void value(JsonParser json, JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> list(json);
      case VALUE_STRING -> text(json.getText());
      default -> sink.skipped(place.skipped(Reason.NOT_A_RECORD));
    }
  }

  /** A list of records, of events, or of rows; anything else is one thing that is no record. */
  private void list(JsonParser json) throws IOException {
    boolean isOfObjects = false;
    JsonToken token = json.nextToken();
    while (token != null && token != JsonToken.END_ARRAY) {
      if (token.isStructStart()) {
        isOfObjects = true;
        value(json, token);
      }
      token = json.nextToken();
    }
    if (token == null) {
      throw new IOException("cut off");
    }
    if (!isOfObjects) {
      sink.skipped(place.skipped(Reason.NOT_A_RECORD));
    }
  }

  private void object(JsonParser json) throws IOException {
    Wrapped wrapped = new Wrapped();
    LogRecord record = LogRecordReader.read(json, wrapped);
    if (record.isRecord()) {
      calls.add(record, place, sink);
    } else if (wrapped.isControl) {
      sink.skipped(place.skipped(Reason.CONTROL_MESSAGE));
    } else if (wrapped.column != null) {
      if (wrapped.column.equals("@message") && wrapped.value != null) {
        text(wrapped.value);
      }
    } else if (wrapped.message != null) {
      text(wrapped.message);
    } else if (wrapped.data != null) {
      packed(wrapped.data);
    } else if (!wrapped.isEnvelope) {
      sink.skipped(place.skipped(Reason.NOT_A_RECORD));
    }
  }

  /** What an object has that a record has not. */
  private final class Wrapped implements LogRecordReader.Others {
    private boolean isEnvelope;
    private boolean isControl;
    private @Nullable String message;
    private @Nullable String data;
    private @Nullable String column;
    private @Nullable String value;

    @Override
    public boolean take(String name, JsonParser json) throws IOException {
      JsonToken token = json.currentToken();
      boolean isText = token == JsonToken.VALUE_STRING;
      switch (name) {
        case "messageType" -> {
          if (!isText) {
            return false;
          }
          isControl = "CONTROL_MESSAGE".equals(json.getText());
        }
        case "message", "@message" -> {
          if (token == JsonToken.START_OBJECT) {
            isEnvelope = true;
            nested(json, token);
          } else if (isText) {
            message = json.getText();
          } else {
            return false;
          }
        }
        case "data", "field", "value" -> {
          if (!isText) {
            return false;
          }
          keep(name, json.getText());
        }
        case "logEvents", "events", "records", "Records", "results" -> {
          if (token != JsonToken.START_ARRAY || isControl) {
            return false;
          }
          isEnvelope = true;
          elements(json);
        }
        case "awslogs", "kinesis" -> {
          if (token != JsonToken.START_OBJECT) {
            return false;
          }
          isEnvelope = true;
          nested(json, token);
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    private void keep(String name, String text) {
      switch (name) {
        case "data" -> data = text;
        case "field" -> column = text;
        default -> value = text;
      }
    }

    private void elements(JsonParser json) throws IOException {
      JsonToken token = json.nextToken();
      while (token != null && token != JsonToken.END_ARRAY) {
        nested(json, token);
        token = json.nextToken();
      }
      if (token == null) {
        throw new IOException("cut off");
      }
    }
  }

  private void nested(JsonParser json, JsonToken token) throws IOException {
    if (depth == DEEPEST) {
      json.skipChildren();
      sink.skipped(place.skipped(Reason.NOT_A_RECORD));
      return;
    }
    depth++;
    value(json, token);
    depth--;
  }

  /** A text in which a record may be written. */
  private void text(String text) {
    String line = text.strip();
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    int start = LogText.endOfTime(bytes, 0, bytes.length);
    if (depth == DEEPEST || start == bytes.length || (bytes[start] != '{' && bytes[start] != '[')) {
      sink.skipped(place.skipped(LogText.reasonOf(line)));
      return;
    }
    depth++;
    try (JsonParser json =
        JsonNames.ofRequests().createParser(bytes, start, bytes.length - start)) {
      read(json);
    } catch (IOException | RuntimeException torn) {
      sink.skipped(place.torn(torn));
    } finally {
      depth--;
    }
  }

  /** Lines in base64, mostly of gzip. */
  private void packed(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException noBase64) {
      sink.skipped(place.skipped(Reason.NOT_A_RECORD));
      return;
    }
    try (InputStream in = unpacked(bytes)) {
      String all = new String(in.readNBytes(MOST_UNPACKED_BYTES), StandardCharsets.UTF_8);
      all.lines().filter(line -> !line.isBlank()).forEach(this::text);
    } catch (IOException damaged) {
      sink.skipped(place.torn(damaged));
    }
  }

  private static InputStream unpacked(byte[] bytes) throws IOException {
    InputStream in = new ByteArrayInputStream(bytes);
    boolean isGzip = bytes.length > 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    return isGzip ? new GZIPInputStream(in) : in;
  }
}
