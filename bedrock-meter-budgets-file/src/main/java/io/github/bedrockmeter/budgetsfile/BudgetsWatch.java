// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the budgets of a file in force in a meter; made by {@link BudgetsFile}. What was spent
 * stays spent, as {@link BedrockMeter#replaceBudgets} says, and a budget whose definition did not
 * change is not touched. A file that is missing or wrong changes nothing, and is told and logged
 * once, until it is another. Thread-safe.
 */
public final class BudgetsWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BudgetsWatch.class);

  private final Path file;
  private final boolean yaml;
  private final BedrockMeter meter;
  private final Consumer<Reload> told;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Look last;

  /** What was found by the last look of the thread, which alone touches it. */
  private Look polled;

  /** The budgets in force by their definitions, in the file's order. */
  private Map<Object, Budget> inForce;

  BudgetsWatch(Path file, boolean yaml, BedrockMeter meter, Consumer<Reload> told) {
    this.file = file;
    this.yaml = yaml;
    this.meter = Objects.requireNonNull(meter, "meter");
    this.told = Objects.requireNonNull(told, "told");
    this.last = new Look(BudgetsFile.textOf(file), null);
    this.polled = last;
    this.inForce = Definitions.parse(file, yaml, last.text());
    meter.replaceBudgets(List.copyOf(inForce.values()), "read " + file);
  }

  void start(Duration pollEvery) {
    Thread thread =
        new Thread(() -> pollUntilClosed(pollEvery.toMillis()), "bedrock-meter-budgets-file");
    thread.setDaemon(true);
    thread.start();
  }

  private void pollUntilClosed(long everyMillis) {
    try {
      while (!closed.await(everyMillis, TimeUnit.MILLISECONDS)) {
        poll();
      }
    } catch (InterruptedException ended) {
      log.info("{} is no longer watched: the thread was interrupted", file);
    }
  }

  /** Takes in what two looks have found alike: nobody is about to write more of it. */
  void poll() {
    Look now = look();
    if (now.isAs(polled)) {
      try {
        take(now);
      } catch (RuntimeException failure) {
        log.error("{} could not be put in force", file, failure);
      }
    }
    polled = now;
  }

  /**
   * Looks at the file at once, and takes it in as it stands if it changed. For a scheduler of your
   * own; write the file beside its place and rename it, so that it is never half written. Does
   * nothing after {@link #close}.
   */
  public Reload reload() {
    return take(look());
  }

  private Look look() {
    try {
      return new Look(BudgetsFile.textOf(file), null);
    } catch (BudgetsFileException unreadable) {
      return new Look(String.valueOf(unreadable.getMessage()), unreadable);
    }
  }

  private Reload take(Look look) {
    Reload reload;
    synchronized (this) {
      if (closed.getCount() == 0 || look.isAs(last)) {
        return new Reload.Unchanged();
      }
      last = look;
      reload = taken(look);
    }
    tell(reload);
    return reload;
  }

  private Reload taken(Look look) {
    Map<Object, Budget> now = new LinkedHashMap<>();
    try {
      if (look.unreadable() != null) {
        throw look.unreadable();
      }
      Definitions.parse(file, yaml, look.text())
          .forEach(
              (definition, budget) ->
                  now.put(definition, inForce.getOrDefault(definition, budget)));
    } catch (BudgetsFileException refused) {
      log.warn("The budgets stay as they were, because of\n{}", refused.getMessage());
      return new Reload.Refused(refused);
    }
    List<Budget> budgets = List.copyOf(now.values());
    if (budgets.equals(List.copyOf(inForce.values()))) { // the same objects: budgets have no equals
      log.info("{} says what is in force", file);
      return new Reload.Unchanged();
    }
    meter.replaceBudgets(budgets, "reloaded " + file);
    inForce = now;
    log.info("The budgets of {} are in force: {}", file, budgets);
    return new Reload.Replaced(budgets);
  }

  private void tell(Reload reload) {
    if (reload instanceof Reload.Unchanged) {
      return;
    }
    try {
      told.accept(reload);
    } catch (RuntimeException failure) {
      log.warn("Who is told of reloads failed", failure);
    }
  }

  /** Ends the watch; the budgets stay in force, and change no more. */
  @Override
  public synchronized void close() {
    closed.countDown();
  }

  /**
   * What a look at the file found.
   *
   * @param text what it said, or why it could not be read
   * @param unreadable null if it could be read
   */
  private record Look(String text, @Nullable BudgetsFileException unreadable) {
    boolean isAs(Look other) {
      return text.equals(other.text);
    }
  }
}
