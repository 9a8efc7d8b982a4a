// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.internal.text.Escaped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/**
 * A file of budgets and the format that its name stands for. Immutable and thread-safe.
 *
 * @param yaml whether the format is YAML; JSON otherwise
 */
record SourceFile(Path path, boolean yaml) {
  private static final int MOST_BYTES = 10_000_000;

  /**
   * The file at a path.
   *
   * @throws IllegalArgumentException if its name is not that of a YAML or JSON file
   */
  static SourceFile at(Path path) {
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return new SourceFile(path, true);
    }
    if (name.endsWith(".json")) {
      return new SourceFile(path, false);
    }
    throw new IllegalArgumentException(
        "the name of a budgets file must end with .yaml, .yml or .json; got '"
            + Escaped.text(name)
            + "'");
  }

  /**
   * The text that the file contains now.
   *
   * @throws BudgetsFileException if it cannot be read
   */
  String read() {
    try (InputStream in = open()) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw tooLarge();
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new BudgetsFileException(path, unreadable);
    }
  }

  private InputStream open() throws IOException {
    checkReadable();
    return Files.newInputStream(path);
  }

  /** A pipe or a device might never end, or never begin. */
  private void checkReadable() throws IOException {
    BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
    if (!file.isRegularFile()) {
      throw new IOException("it is " + (file.isDirectory() ? "a directory" : "a pipe or a device"));
    }
    if (file.size() > MOST_BYTES) {
      throw tooLarge();
    }
  }

  private static IOException tooLarge() {
    return new IOException(
        "it is larger than " + MOST_BYTES / 1_000_000 + " MB; is it the right file?");
  }

  /**
   * The budgets that a text in this file defines, in its order and by their definitions: two that
   * differ only in layout have equal keys.
   *
   * @throws BudgetsFileException if the text contains a mistake
   */
  Map<Object, Budget> parse(String text) {
    return Definitions.parse(path, yaml, text);
  }
}
