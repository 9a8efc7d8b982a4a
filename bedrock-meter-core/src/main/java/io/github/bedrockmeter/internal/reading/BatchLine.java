// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;

/**
 * One line of a batch job's output: a record's input, and what the model answered or why it did
 * not. The answer is of InvokeModel's form, or of Converse's.
 *
 * @param recordId the record's id; empty if it has none
 * @param error the code of the failure; null if the model answered
 * @param reading what the answer reports
 */
public record BatchLine(String recordId, @Nullable String error, Reading reading) {

  /** Reads a line; never throws, whatever is in it. */
  public static BatchLine read(String line, String modelId) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    String id = "";
    String error = null;
    SdkBytes input = null;
    SdkBytes output = null;
    try (JsonParser json = JsonNames.ofRequests().createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return unreadable(id, "no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "recordId" -> id = json.getValueAsString("");
          case "modelInput" -> input = value(json, bytes);
          case "modelOutput" -> output = value(json, bytes);
          case "error" -> error = value == JsonToken.VALUE_NULL ? null : error(json);
          default -> json.skipChildren();
        }
      }
    } catch (IOException | RuntimeException e) {
      return unreadable(id, e.getClass().getSimpleName());
    }
    if (error != null || output == null) {
      return error == null
          ? unreadable(id, "neither modelOutput nor error")
          : new BatchLine(id, error, Reading.NOTHING);
    }
    InvokeModelRequest request = InvokeModelRequest.builder().modelId(modelId).body(input).build();
    InvokeModelResponse response = InvokeModelResponse.builder().body(output).build();
    return new BatchLine(id, null, Readers.invokeModel(request, response));
  }

  private static BatchLine unreadable(String id, String why) {
    return new BatchLine(
        id,
        null,
        new Reading(
            null, Set.of(), null, null, List.of(new Anomaly(Anomaly.Kind.UNREADABLE, why))));
  }

  private static @Nullable SdkBytes value(JsonParser json, byte[] line) throws IOException {
    if (!json.currentToken().isStructStart()) {
      return null;
    }
    int from = Math.toIntExact(json.currentTokenLocation().getByteOffset());
    json.skipChildren();
    int to = Math.toIntExact(json.currentLocation().getByteOffset());
    return SdkBytes.fromByteArrayUnsafe(Arrays.copyOfRange(line, from, to));
  }

  /** The code alone: a message may quote the record. */
  private static String error(JsonParser json) throws IOException {
    if (!json.currentToken().isStructStart()) {
      return "unknown";
    }
    String code = "unknown";
    int depth = 1;
    while (depth > 0) {
      JsonToken token = json.nextToken();
      if (token == null) {
        break;
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      boolean isCode = token.isScalarValue() && "errorCode".equals(json.currentName());
      code = isCode ? json.getValueAsString("unknown") : code;
    }
    return code;
  }
}
