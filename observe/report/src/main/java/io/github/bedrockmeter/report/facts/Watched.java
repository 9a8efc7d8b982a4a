// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.progress.Progress;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Says that the engine works, while it does: it does not say itself how far it is. Confined to the
 * tables' thread; a thread of its own reports.
 */
final class Watched implements AutoCloseable {
  private static final long TICK_MILLIS = 200;

  private final Progress progress;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "bedrock-meter-report-progress");
            thread.setDaemon(true);
            return thread;
          });

  Watched(Progress progress) {
    this.progress = progress;
  }

  /** Work of the engine. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  <T> T run(String what, Work<T> work) throws SQLException {
    progress.begin(what, 0);
    Future<?> ticks =
        clock.scheduleAtFixedRate(
            () -> progress.advance(0), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    try {
      return work.run();
    } finally {
      ticks.cancel(false);
      progress.end();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
