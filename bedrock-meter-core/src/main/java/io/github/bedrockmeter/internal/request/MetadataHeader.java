// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.RequestOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The header in which InvokeModel carries a request's metadata, as a JSON object. Stateless. */
final class MetadataHeader {
  /**
   * InvokeModel carries metadata in a header. Older SDKs do not model it, so it is written as a
   * header, which works with all; but the SDK adds a header to the one it makes from the field, so
   * where the caller has set the field it is the field that is written.
   */
  static final String NAME = "X-Amzn-Bedrock-Request-Metadata";

  /** The field of newer SDKs. It is reached by its name, since older ones have no method for it. */
  private static final String FIELD = "requestMetadata";

  private static final JsonFactory JSON = new JsonFactory();

  private MetadataHeader() {}

  /** What an InvokeModel request or its stream says in its metadata; null if nothing. */
  static @Nullable String of(BedrockRuntimeRequest request) {
    String field = field(request);
    return field != null
        ? field
        : request
            .overrideConfiguration()
            .map(RequestOverrideConfiguration::headers)
            .map(MetadataHeader::in)
            .orElse(null);
  }

  /**
   * The metadata in a field of the request; null if it is not set, or the SDK has no such field.
   */
  static @Nullable String field(BedrockRuntimeRequest request) {
    return request.getValueForField(FIELD, String.class).orElse(null);
  }

  /** The request with this metadata in place of what it has, in its field if that is set. */
  static BedrockRuntimeRequest with(BedrockRuntimeRequest request, String header) {
    BedrockRuntimeRequest.Builder builder = request.toBuilder();
    if (field(request) == null) {
      builder.overrideConfiguration(RequestFacts.settings(request).putHeader(NAME, header).build());
    } else {
      request.sdkFields().stream()
          .filter(field -> field.memberName().equals(FIELD))
          .forEach(field -> field.set(builder, header));
    }
    return builder.build();
  }

  /** The header among some; null if it is not there. */
  static @Nullable String in(Map<String, List<String>> headers) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if (header.getKey().equalsIgnoreCase(NAME) && !header.getValue().isEmpty()) {
        return header.getValue().get(0);
      }
    }
    return null;
  }

  /**
   * The pairs that a header carries; a value is null if it is anything but text.
   *
   * @throws IOException if the header is no JSON object
   */
  static Map<String, @Nullable String> parsed(String json) throws IOException {
    Map<String, @Nullable String> pairs = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("request metadata is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        pairs.put(name, parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : null);
        parser.skipChildren();
      }
    }
    return pairs;
  }

  static String written(Map<String, @Nullable String> pairs) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.writeStartObject();
      for (Map.Entry<String, @Nullable String> pair : pairs.entrySet()) {
        generator.writeStringField(pair.getKey(), pair.getValue());
      }
      generator.writeEndObject();
    }
    return text.toString();
  }
}
