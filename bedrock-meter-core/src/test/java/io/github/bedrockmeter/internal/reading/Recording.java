// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** One recorded interaction and what it is known to have consumed. */
record Recording(String name, JsonNode json) {
  static final ObjectMapper MAPPER = new ObjectMapper();

  /** The folder of recordings, in the environment because they are not part of this repository. */
  static final String FOLDER_VARIABLE = "BEDROCKMETER_CORPUS";

  static boolean available() {
    return System.getenv(FOLDER_VARIABLE) != null;
  }

  static List<Recording> all() {
    try (Stream<Path> files = Files.list(Path.of(System.getenv(FOLDER_VARIABLE)))) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(Recording::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Recording of(Path file) {
    try {
      return new Recording(file.getFileName().toString(), MAPPER.readTree(file.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String operation() {
    return json.path("operation").asText();
  }

  String modelId() {
    return json.path("modelId").asText();
  }

  int status() {
    return json.path("response").path("status").asInt();
  }

  JsonNode expected() {
    return json.path("expected");
  }

  byte[] requestBody() {
    JsonNode body = json.path("request").path("body");
    return (body.isTextual() ? body.asText() : body.toString()).getBytes(StandardCharsets.UTF_8);
  }

  byte[] responseBody() {
    JsonNode response = json.path("response");
    return response.has("bodyBase64")
        ? Base64.getDecoder().decode(response.path("bodyBase64").asText())
        : response.path("body").asText().getBytes(StandardCharsets.UTF_8);
  }

  /** The JSON documents of the response: its body, or what each frame of its stream carries. */
  List<byte[]> documents() {
    byte[] body = responseBody();
    if (!json.path("response").has("bodyBase64")) {
      return List.of(body);
    }
    List<byte[]> documents = new ArrayList<>();
    ByteBuffer frames = ByteBuffer.wrap(body);
    while (frames.remaining() > 0) {
      int start = frames.position();
      int length = frames.getInt(start);
      int headers = frames.getInt(start + 4);
      byte[] payload = new byte[length - headers - 16]; // prelude and two checksums
      frames.get(start + 12 + headers, payload);
      frames.position(start + length);
      documents.add(unwrapped(payload));
    }
    return documents;
  }

  private static byte[] unwrapped(byte[] payload) {
    try {
      JsonNode bytes = MAPPER.readTree(payload).path("bytes");
      return bytes.isTextual() ? bytes.binaryValue() : payload;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The headers a server would send; the length is its own business. */
  List<String[]> responseHeaders() {
    return json.path("response").path("headers").properties().stream()
        .map(header -> new String[] {header.getKey(), header.getValue().asText()})
        .filter(header -> !isFraming(header[0].toLowerCase(Locale.ROOT)))
        .toList();
  }

  private static boolean isFraming(String header) {
    return header.equals("content-length")
        || header.equals("transfer-encoding")
        || header.equals("connection")
        || header.equals("content-encoding")
        || header.equals("date");
  }
}
