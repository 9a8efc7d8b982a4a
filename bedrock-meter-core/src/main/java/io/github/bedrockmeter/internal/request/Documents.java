// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;

/** Reads what the SDK keeps as free documents. Stateless. */
final class Documents {
  private Documents() {}

  /** A member of an object; null if it has none, or is no object. */
  static @Nullable Document member(@Nullable Document value, String name) {
    return value != null && value.isMap() ? value.asMap().get(name) : null;
  }

  /** A text; null if it is something else. */
  static @Nullable String text(@Nullable Document value) {
    return value != null && value.isString() ? value.asString() : null;
  }

  /** A number or a number in a text, as a count; zero if it is something else. */
  static long count(@Nullable Document value) {
    if (value == null) {
      return 0;
    }
    String text = value.isNumber() ? value.asNumber().stringValue() : text(value);
    return text == null ? 0 : WrittenCount.of(text.strip());
  }
}
