// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Failures of files and of the engine of reports, in words that name the file. Stateless. */
final class Failures {
  private Failures() {}

  /** Does something with files and the engine, whose failures end the command with their words. */
  static <T> T named(Supplier<T> work) {
    try {
      return work.get();
    } catch (UncheckedIOException failure) {
      throw new CommandFailedException(firstLine(failure), failure);
    } catch (IllegalStateException failure) {
      if (failure.getCause() instanceof SQLException) {
        throw new CommandFailedException(firstLine(failure), failure);
      }
      throw failure;
    }
  }

  private static String firstLine(RuntimeException failure) {
    return Escaped.text(String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
  }

  /** A file that cannot be written, and why. */
  static CommandFailedException cannotWrite(Object file, IOException failure) {
    String reason = failure.getMessage();
    if (failure instanceof NoSuchFileException) {
      reason = "there is no such folder";
    } else if (failure instanceof AccessDeniedException) {
      reason = "access is denied";
    }
    return new CommandFailedException(
        "cannot write " + Escaped.text(file.toString()) + ": " + reason, failure);
  }

  /**
   * Flushes a writer that keeps its failures to itself.
   *
   * @param file where it writes; null is the standard output
   */
  static void check(PrintWriter writer, @Nullable Object file) {
    if (writer.checkError()) {
      throw new CommandFailedException(
          "cannot write "
              + (file == null ? "the standard output" : Escaped.text(file.toString()))
              + ": not all of it was taken");
    }
  }
}
