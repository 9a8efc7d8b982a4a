// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Function;

/** Opens a file named in configuration and says which one when it cannot. */
final class Files {
  private Files() {}

  static <T> T reading(Path file, Function<InputStream, T> use) {
    try (InputStream in = java.nio.file.Files.newInputStream(file)) {
      return use.apply(in);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("cannot read '" + file + "'", unreadable);
    }
  }
}
