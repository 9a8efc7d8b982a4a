// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Keeps the budgets of a file in force in a meter; {@link BudgetsFile} makes it. What was spent
 * stays spent, as {@link BedrockMeter#replaceBudgets} describes, and a budget whose definition did
 * not change is not replaced. A file that is missing or contains a mistake changes nothing; it is
 * reported and logged once for each content. Thread-safe.
 */
public final class BudgetsWatch implements AutoCloseable {
  private static final Log log = Log.to(LoggerFactory.getLogger(BudgetsWatch.class));

  private static final int MOST_LINES = 20;

  private final SourceFile file;
  private final BedrockMeter meter;
  private final Consumer<Reload> onReload;
  private final OutageLog failures =
      new OutageLog(log, "A file of budgets could not be read or put in force, and is watched on");
  private final CountDownLatch closed = new CountDownLatch(1);
  private Content last;

  /** What the thread read last; only the thread uses it. */
  private Content polled;

  /** The budgets in force by their definitions, in the file's order. */
  private Map<Object, Budget> inForce;

  BudgetsWatch(SourceFile file, BedrockMeter meter, Consumer<Reload> onReload) {
    this.file = file;
    this.meter = Objects.requireNonNull(meter, "meter");
    this.onReload = Objects.requireNonNull(onReload, "onReload");
    this.last = new Content(file.read(), null);
    this.polled = last;
    this.inForce = file.parse(last.text());
    meter.replaceBudgets(List.copyOf(inForce.values()), "read " + file.path());
  }

  void start(Duration pollEvery) {
    Thread thread =
        new Thread(() -> pollUntilClosed(pollEvery.toMillis()), "bedrock-meter-budgets-file");
    thread.setDaemon(true);
    thread.start();
  }

  private void pollUntilClosed(long everyMillis) {
    while (true) {
      try {
        if (closed.await(everyMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
        pollOrLog();
      } catch (InterruptedException notClosed) {
        log.warn("The watch of {} was interrupted, and goes on; close() ends it", file.path());
      }
    }
  }

  /** Whatever fails, errors included, the watch goes on. */
  private void pollOrLog() {
    try {
      poll();
    } catch (Throwable failure) {
      failures.failed(file.path().toString(), failure);
    }
  }

  /** Puts a content in force that was read twice in a row: it is not being written any more. */
  void poll() {
    Content now = read();
    if (now.isSameAs(polled)) {
      putInForce(now);
    }
    polled = now;
  }

  /**
   * Reads the file now and puts it in force if it changed. For a scheduler of your own: write the
   * new file under another name and rename it, so that it is never read half written. Does nothing
   * after {@link #close}.
   */
  public Reload reload() {
    return putInForce(read());
  }

  private Content read() {
    try {
      return new Content(file.read(), null);
    } catch (BudgetsFileException unreadable) {
      return new Content(String.valueOf(unreadable.getMessage()), unreadable);
    }
  }

  private Reload putInForce(Content content) {
    Reload reload;
    synchronized (this) {
      if (closed.getCount() == 0 || content.isSameAs(last)) {
        return new Reload.Unchanged();
      }
      last = content;
      reload = replaced(content);
    }
    report(reload);
    return reload;
  }

  private Reload replaced(Content content) {
    Map<Object, Budget> now = new LinkedHashMap<>();
    try {
      if (content.unreadable() != null) {
        throw content.unreadable();
      }
      file.parse(content.text())
          .forEach(
              (definition, budget) ->
                  now.put(definition, inForce.getOrDefault(definition, budget)));
    } catch (BudgetsFileException refused) {
      logRefused(refused);
      return new Reload.Refused(refused);
    }
    List<Budget> budgets = List.copyOf(now.values());
    if (budgets.equals(List.copyOf(inForce.values()))) { // the same objects: budgets have no equals
      log.info("{} defines the budgets that are in force", file.path());
      return new Reload.Unchanged();
    }
    meter.replaceBudgets(budgets, "reloaded " + file.path());
    inForce = now;
    log.info("The budgets of {} are in force: {}", file.path(), budgets);
    return new Reload.Replaced(budgets);
  }

  /** A line for each mistake. */
  private static void logRefused(BudgetsFileException refused) {
    String.valueOf(refused.getMessage())
        .lines()
        .limit(MOST_LINES)
        .forEach(line -> log.warn("The budgets stay as they were, because of {}", line));
  }

  private void report(Reload reload) {
    if (reload instanceof Reload.Unchanged) {
      return;
    }
    try {
      onReload.accept(reload);
    } catch (Throwable failure) { // an application's class may be missing, too
      log.warn("The callback for reloads of {} failed", file.path(), failure);
    }
  }

  /** Ends the watch; the budgets stay in force, and the file can no longer change them. */
  @Override
  public synchronized void close() {
    closed.countDown();
  }

  /**
   * What was read from the file.
   *
   * @param text its text, or why it could not be read
   * @param unreadable null if it could be read
   */
  private record Content(String text, @Nullable BudgetsFileException unreadable) {
    boolean isSameAs(Content other) {
      return text.equals(other.text);
    }
  }
}
