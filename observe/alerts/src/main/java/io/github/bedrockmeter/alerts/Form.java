// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.util.Map;

/** What is posted of a message. */
interface Form {

  /** The body, which is JSON. */
  byte[] body(AlertMessage message);

  /** Headers of a body, beside its type. */
  default Map<String, String> headers(AlertMessage message, byte[] body) {
    return Map.of();
  }
}
