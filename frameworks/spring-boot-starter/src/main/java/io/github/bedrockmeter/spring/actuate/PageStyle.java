// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The style that stands in the page. Immutable.
 *
 * @param source its text
 */
record PageStyle(String source) {

  static PageStyle load() {
    try (InputStream in = PageStyle.class.getResourceAsStream("budgets.css")) {
      if (in == null) {
        throw new IllegalStateException("the jar has no budgets.css");
      }
      return new PageStyle(
          new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n"));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** No request may leave the page, and nothing run or be drawn that is not this style. */
  String policy() {
    return "default-src 'none'; style-src 'sha256-"
        + hash()
        + "'; base-uri 'none'; form-action 'none'";
  }

  private String hash() {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
