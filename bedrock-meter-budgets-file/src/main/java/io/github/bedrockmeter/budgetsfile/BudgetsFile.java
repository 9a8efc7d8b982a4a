// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads budgets from a YAML or JSON file, once or whenever it changes. A file is taken in whole or
 * not at all: one problem in it, and none of its budgets comes into force. Thread-safe.
 *
 * <pre>{@code
 * BedrockMeter meter = BedrockMeter.builder().prices(PriceCatalog.bundled()).build();
 * BudgetsWatch watch = BudgetsFile.watch(Path.of("budgets.yaml"), meter);
 * BedrockRuntimeClient client = meter.wrap(BedrockRuntimeClient.create());
 * }</pre>
 *
 * <p>Files are UTF-8, and YAML or JSON by their name: {@code .yaml}, {@code .yml} or {@code .json};
 * a file of another name is an {@link IllegalArgumentException}.
 */
public final class BudgetsFile {
  private static final Duration POLL_EVERY = Duration.ofSeconds(5);

  private BudgetsFile() {}

  /**
   * The budgets of a file, in its order.
   *
   * @throws BudgetsFileException if the file cannot be read, or anything in it is wrong
   */
  public static List<Budget> read(Path file) {
    boolean yaml = isYaml(file);
    return List.copyOf(Definitions.parse(file, yaml, textOf(file)).values());
  }

  /** Like {@link #watch(Path, BedrockMeter, Duration, Consumer)}, looking every five seconds. */
  public static BudgetsWatch watch(Path file, BedrockMeter meter) {
    return watch(file, meter, POLL_EVERY, reload -> {});
  }

  /**
   * Puts the budgets of a file in force now, in the place of all that the meter has, and again
   * whenever the file changes, until the watch is closed. A daemon thread looks at the file; it
   * takes a change in when two looks have found the same, so as not to read what is half written.
   *
   * @param pollEvery the time between two looks
   * @param told hears every change that was taken in or refused; called on the thread that reloads,
   *     and logged if it throws
   * @throws BudgetsFileException if the file cannot be read now, or anything in it is wrong; the
   *     meter is left as it was
   */
  public static BudgetsWatch watch(
      Path file, BedrockMeter meter, Duration pollEvery, Consumer<Reload> told) {
    if (pollEvery.toMillis() < 1) {
      throw new IllegalArgumentException("a file is looked at every so often: " + pollEvery);
    }
    BudgetsWatch watch = new BudgetsWatch(file, isYaml(file), meter, told);
    watch.start(pollEvery);
    return watch;
  }

  /**
   * Like {@link #watch(Path, BedrockMeter, Duration, Consumer)} without a thread: the file is
   * looked at when {@link BudgetsWatch#reload} is called.
   */
  public static BudgetsWatch onDemand(Path file, BedrockMeter meter, Consumer<Reload> told) {
    return new BudgetsWatch(file, isYaml(file), meter, told);
  }

  static String textOf(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new BudgetsFileException(file, unreadable);
    }
  }

  private static boolean isYaml(Path file) {
    String name = String.valueOf(file.getFileName());
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return true;
    }
    if (name.endsWith(".json")) {
      return false;
    }
    throw new IllegalArgumentException(
        "a file of budgets is named .yaml, .yml or .json; got '" + file + "'");
  }
}
