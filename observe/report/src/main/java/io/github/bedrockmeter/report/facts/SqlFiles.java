// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The SQL of this module, which stands in files that can be read. Stateless. */
public final class SqlFiles {
  private static final String FOLDER = "/io/github/bedrockmeter/report/";

  private SqlFiles() {}

  /**
   * The text of a file.
   *
   * @param name such as {@code reconcile/differences}, without {@code .sql}
   * @throws IllegalArgumentException if there is none
   */
  public static String text(String name) {
    String file = FOLDER + name + ".sql";
    try (InputStream in = SqlFiles.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("no SQL file " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
