// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads budgets from a YAML or JSON file, once or whenever it changes. A file takes effect as a
 * whole or not at all: with one mistake in it, none of its budgets does. Thread-safe.
 *
 * <pre>{@code
 * BedrockMeter meter = BedrockMeter.builder().prices(PriceCatalog.bundled()).build();
 * BudgetsWatch watch = BudgetsFile.watch(Path.of("budgets.yaml"), meter);
 * BedrockRuntimeClient client = meter.wrap(BedrockRuntimeClient.create());
 * }</pre>
 *
 * <p>Files are UTF-8. The name decides the format: {@code .yaml} or {@code .yml} for YAML, {@code
 * .json} for JSON; any other name is an {@link IllegalArgumentException}.
 */
public final class BudgetsFile {
  private static final Duration POLL_EVERY = Duration.ofSeconds(5);

  private BudgetsFile() {}

  /**
   * The budgets of a file, in its order.
   *
   * @throws BudgetsFileException if the file cannot be read or contains a mistake
   */
  public static List<Budget> read(Path file) {
    SourceFile source = SourceFile.at(file);
    return List.copyOf(source.parse(source.read()).values());
  }

  /**
   * The budgets that a text defines, in its order, for a text that comes from elsewhere than a
   * file.
   *
   * @param name what messages call it; its ending says the format, as that of a file does
   * @throws BudgetsFileException if the text contains a mistake
   */
  public static List<Budget> parse(Path name, String text) {
    return List.copyOf(SourceFile.at(name).parse(text).values());
  }

  /** Like {@link #watch(Path, BedrockMeter, Duration, Consumer)}, every five seconds. */
  public static BudgetsWatch watch(Path file, BedrockMeter meter) {
    return watch(file, meter, POLL_EVERY, reload -> {});
  }

  /**
   * Puts the budgets of a file in force now, in place of all budgets that the meter has, and again
   * whenever the file changes, until the watch is closed. A daemon thread reads the file; a change
   * takes effect when it was read twice in a row, so that a file that is still being written does
   * not.
   *
   * @param pollEvery the time between two reads
   * @param onReload receives every change that was put in force or refused; called on the thread
   *     that reloads; an exception it throws is logged
   * @throws BudgetsFileException if the file cannot be read now or contains a mistake; the meter is
   *     not changed
   */
  public static BudgetsWatch watch(
      Path file, BedrockMeter meter, Duration pollEvery, Consumer<Reload> onReload) {
    if (pollEvery.toMillis() < 1) {
      throw new IllegalArgumentException(
          "pollEvery must be at least one millisecond: " + pollEvery + "; as PT5S");
    }
    BudgetsWatch watch = new BudgetsWatch(SourceFile.at(file), meter, onReload);
    watch.start(pollEvery);
    return watch;
  }

  /**
   * Like {@link #watch(Path, BedrockMeter, Duration, Consumer)} without a thread: the file is read
   * when {@link BudgetsWatch#reload} is called.
   */
  public static BudgetsWatch onDemand(Path file, BedrockMeter meter, Consumer<Reload> onReload) {
    return new BudgetsWatch(SourceFile.at(file), meter, onReload);
  }
}
