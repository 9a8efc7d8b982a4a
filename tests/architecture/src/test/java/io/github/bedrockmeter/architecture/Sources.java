// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's files, as they are in the checkout. */
final class Sources {
  static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("../..").normalize();

  private Sources() {}

  /** Every file of main code, package descriptions included. */
  static List<Path> mainCode() {
    return files(path -> path.toString().contains("/src/main/java/"), ".java");
  }

  /** Every file of core's main code. */
  static List<Path> core() {
    return mainCode().stream()
        .filter(path -> path.startsWith(ROOT.resolve("bedrock-meter-core")))
        .toList();
  }

  /** The pages that users read. */
  static List<Path> pages() {
    return files(
        path -> path.startsWith(ROOT.resolve("docs")) || path.getParent().equals(ROOT), ".md");
  }

  /** The folders of compiled main code, one for each module that has any. */
  static List<Path> compiled() {
    return mainCode().stream()
        .map(path -> module(path).resolve("target/classes"))
        .distinct()
        .toList();
  }

  private static Path module(Path source) {
    String text = source.toString();
    return Path.of(text.substring(0, text.indexOf("/src/main/java/")));
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A file's path from the checkout's root, for messages. */
  static String name(Path file) {
    return ROOT.relativize(file).toString();
  }

  private static List<Path> files(java.util.function.Predicate<Path> which, String ending) {
    try (Stream<Path> all = Files.walk(ROOT)) {
      return all.filter(path -> path.toString().endsWith(ending))
          .filter(path -> !path.toString().contains("/target/"))
          .filter(which)
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
