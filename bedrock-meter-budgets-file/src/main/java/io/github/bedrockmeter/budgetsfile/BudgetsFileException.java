// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import java.io.IOException;
import java.io.Serializable;
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
    super(problems.stream().map(problem -> file + ":" + problem).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  BudgetsFileException(Path file, IOException unreadable) {
    super(file + " cannot be read: " + unreadable, unreadable);
    this.problems = List.of();
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
