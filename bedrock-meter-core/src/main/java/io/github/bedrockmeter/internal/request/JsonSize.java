// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;

/** Measures the SDK's own JSON trees. Stateless. */
final class JsonSize {
  private JsonSize() {}

  /** At least the bytes of a document written as JSON. */
  static long of(Document document) {
    if (document.isNull()) {
      return 0;
    }
    if (document.isString()) {
      return 2 + utf8(document.asString());
    }
    if (document.isMap()) {
      long bytes = 2;
      for (Map.Entry<String, Document> entry : document.asMap().entrySet()) {
        bytes += 4 + utf8(entry.getKey()) + of(entry.getValue());
      }
      return bytes;
    }
    if (document.isList()) {
      long bytes = 2;
      for (Document element : document.asList()) {
        bytes += 1 + of(element);
      }
      return bytes;
    }
    return document.isNumber() ? document.asNumber().stringValue().length() : 5;
  }

  /** Bytes of the UTF-8 form, without making it. */
  static long utf8(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // Half a surrogate pair counts 2 of the pair's 4 bytes.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }
}
