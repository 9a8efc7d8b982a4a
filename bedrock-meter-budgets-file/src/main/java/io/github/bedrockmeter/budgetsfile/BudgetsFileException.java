// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.Printable;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of budgets cannot be read or contains mistakes. The message has a line for each mistake:
 * {@code budgets.yaml:7:5: unknown key 'widnow' (did you mean 'window'?); ...}.
 */
public final class BudgetsFileException extends RuntimeException {
  private final List<Problem> problems;

  BudgetsFileException(Path file, List<Problem> problems) {
    super(
        problems.stream()
            .map(problem -> name(file) + ":" + problem)
            .collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  BudgetsFileException(Path file, IOException unreadable) {
    super(name(file) + " cannot be read: " + why(unreadable), unreadable);
    this.problems = List.of();
  }

  private static String why(IOException unreadable) {
    if (unreadable instanceof NoSuchFileException) {
      return "it does not exist";
    }
    return unreadable instanceof AccessDeniedException
        ? "this process may not read it"
        : Printable.message(unreadable);
  }

  private static String name(Path file) {
    return Escaped.text(file.toString(), 2_000);
  }

  /** The mistakes, in the order of the file; empty if the file could not be read at all. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * One mistake.
   *
   * @param line counted from 1
   * @param column in characters, counted from 1
   * @param message what was found and what is allowed
   */
  public record Problem(int line, int column, String message) implements Serializable {
    @Override
    public String toString() {
      return line + ":" + column + ": " + message;
    }
  }
}
