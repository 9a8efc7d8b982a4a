// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** Opens a file of prices that the configuration names; the exception names it if it cannot. */
final class PriceFile {
  private PriceFile() {}

  static <T> T reading(Path file, Function<InputStream, T> use) {
    try (InputStream in = Files.newInputStream(file)) {
      return use.apply(in);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("cannot read '" + file + "'", unreadable);
    }
  }
}
