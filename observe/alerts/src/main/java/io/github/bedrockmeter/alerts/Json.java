// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes JSON in memory. Stateless. */
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** What writes one JSON value. */
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** The bytes of a value, in UTF-8. */
  static byte[] bytes(Writing value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      value.to(json);
    } catch (IOException impossible) { // in memory
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }
}
