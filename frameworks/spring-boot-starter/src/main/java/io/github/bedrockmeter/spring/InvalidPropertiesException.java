// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Properties cannot do what they were meant to do; at start, with a sentence for each. */
public final class InvalidPropertiesException extends RuntimeException {
  private final List<Problem> problems;

  InvalidPropertiesException(List<Problem> problems, @Nullable Throwable cause) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")), cause);
    this.problems = List.copyOf(problems);
  }

  static InvalidPropertiesException of(String property, String message) {
    return new InvalidPropertiesException(List.of(new Problem(property, message)), null);
  }

  static InvalidPropertiesException of(String property, RuntimeException refused) {
    return new InvalidPropertiesException(
        List.of(new Problem(property, String.valueOf(refused.getMessage()))), refused);
  }

  /** Runs a setter; what it refuses is said with the property's name. */
  static void checked(String property, Runnable setter) {
    try {
      setter.run();
    } catch (IllegalArgumentException refused) {
      throw of(property, refused);
    }
  }

  /** What is wrong, by property. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * One mistake.
   *
   * @param property the property's name, as {@code bedrock.meter.budgets.daily.window}
   * @param message what was found, and what is right
   */
  public record Problem(String property, String message) implements Serializable {
    @Override
    public String toString() {
      return property + ": " + message;
    }
  }
}
