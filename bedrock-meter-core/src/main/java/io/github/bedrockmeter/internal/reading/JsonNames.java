// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;

/**
 * A parser factory that can be thrown away when it has learned too many names.
 *
 * <p>Jackson remembers every member name it meets, and copies that memory whenever a document
 * brings a new one. The providers' own names are few; a model's tool calls bring ever new ones. So
 * the factory in use is replaced before its memory grows. Thread-safe.
 */
public final class JsonNames extends JsonFactory {
  private static final long serialVersionUID = 1L;
  private static final int MOST_NAMES = 300;
  private static final StreamReadConstraints OF_RESPONSES =
      StreamReadConstraints.builder()
          .maxNestingDepth(1_000)
          .maxNameLength(5_000)
          .maxStringLength(1_000_000) // of decoded strings; skipped ones have no limit
          .maxNumberLength(1_000_000)
          .build();

  /** A request's limit counts, whatever stands before it. */
  private static final StreamReadConstraints OF_REQUESTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(10_000)
          .maxNameLength(1_000_000) // names are built, and take several times their length
          .maxStringLength(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE)
          .build();

  @SuppressWarnings("NonFinalStaticField")
  private static volatile JsonNames responses = new JsonNames(OF_RESPONSES);

  @SuppressWarnings("NonFinalStaticField")
  private static volatile JsonNames requests = new JsonNames(OF_REQUESTS);

  private JsonNames(StreamReadConstraints constraints) {
    super(
        new JsonFactoryBuilder()
            .streamReadConstraints(constraints)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER));
  }

  /** The factory to read responses with now. */
  static JsonFactory current() {
    JsonNames names = responses;
    if (names.isFull()) {
      names = new JsonNames(OF_RESPONSES);
      responses = names;
    }
    return names;
  }

  /** The factory to read the bodies of requests with now. */
  public static JsonFactory ofRequests() {
    JsonNames names = requests;
    if (names.isFull()) {
      names = new JsonNames(OF_REQUESTS);
      requests = names;
    }
    return names;
  }

  private boolean isFull() {
    return _byteSymbolCanonicalizer.size() > MOST_NAMES;
  }
}
