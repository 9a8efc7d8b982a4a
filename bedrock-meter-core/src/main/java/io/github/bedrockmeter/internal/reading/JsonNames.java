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
final class JsonNames extends JsonFactory {
  private static final long serialVersionUID = 1L;
  private static final int MOST_NAMES = 300;

  @SuppressWarnings("NonFinalStaticField")
  private static volatile JsonNames current = new JsonNames();

  private JsonNames() {
    super(
        new JsonFactoryBuilder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(1_000)
                    .maxNameLength(5_000)
                    .maxStringLength(1_000_000) // of decoded strings; skipped ones have no limit
                    .maxNumberLength(1_000_000)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER));
  }

  /** The factory to use now. */
  static JsonFactory current() {
    JsonNames names = current;
    if (names._byteSymbolCanonicalizer.size() > MOST_NAMES) {
      names = new JsonNames();
      current = names;
    }
    return names;
  }
}
