// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The header in which InvokeModel carries a request's metadata, as a JSON object. Stateless. */
final class MetadataHeader {
  /**
   * InvokeModel carries metadata in a header. Older SDKs do not model it, so it is written as a
   * header, which works with all.
   */
  static final String NAME = "X-Amzn-Bedrock-Request-Metadata";

  private static final JsonFactory JSON = new JsonFactory();

  private MetadataHeader() {}

  static Map<String, String> parsed(String json) throws IOException {
    Map<String, String> pairs = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("request metadata is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        pairs.put(name, parser.getValueAsString(""));
      }
    }
    return pairs;
  }

  static String written(Map<String, String> pairs) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.writeStartObject();
      for (Map.Entry<String, String> pair : pairs.entrySet()) {
        generator.writeStringField(pair.getKey(), pair.getValue());
      }
      generator.writeEndObject();
    }
    return text.toString();
  }
}
