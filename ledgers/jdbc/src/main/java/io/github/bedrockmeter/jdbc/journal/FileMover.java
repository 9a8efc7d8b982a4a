// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Moves records from files into the database, until the journal is closed. Confined to the thread
 * that runs it.
 */
final class FileMover implements Runnable {
  private static final Log log = Log.to(LoggerFactory.getLogger(FileMover.class));

  private final EventQueue queue;
  private final Spill spill;
  private final JournalStore store;
  private final JournalCounters counters;
  private final Runnable atEnd;

  /**
   * A mover.
   *
   * @param atEnd run when the directory is closed and the database is not needed any more
   */
  FileMover(
      EventQueue queue, Spill spill, JournalStore store, JournalCounters counters, Runnable atEnd) {
    this.queue = queue;
    this.spill = spill;
    this.store = store;
    this.counters = counters;
    this.atEnd = atEnd;
  }

  @Override
  public void run() {
    adopt();
    boolean last = false;
    while (!last) {
      boolean moved = false;
      try {
        last = queue.awaitRecords(store.pauseNanos());
        moved = moveSealed();
        if (moved) {
          spill.seal();
          moved = moveSealed();
        }
      } catch (Throwable failure) {
        // Nothing ends the thread that empties the files, not even an error of the driver.
        store.pause(failure);
      }
      if (!moved) {
        queue.keepRecords();
      }
    }
    release();
  }

  private void adopt() {
    try {
      spill.adopt(counters::find);
    } catch (Throwable failure) {
      log.error(
          "Some of what earlier processes left in the journal's directory stays there", failure);
    }
  }

  /** Moves all sealed segments; returns whether none is left. */
  private boolean moveSealed() throws IOException {
    Spill.Segment segment = spill.oldest();
    while (segment != null) {
      if (queue.isPastClosing() || !move(segment)) {
        return false;
      }
      segment = spill.oldest();
    }
    return true;
  }

  private boolean move(Spill.Segment segment) throws IOException {
    if (!Files.exists(segment.path())) {
      log.error("{} was deleted, and with it {} events", segment.path(), segment.records());
      spill.remove(segment, false);
      counters.lose(segment.records());
      return true;
    }
    Spill.Contents contents = Spill.read(segment.path());
    List<JournalEntry> entries = JournalStore.entries(contents.records());
    if (!store.writeAll(entries)) {
      return false;
    }
    if (contents.damagedAt() >= 0) {
      log.error(
          "{} has no whole record at byte {}, as when a process is killed while it writes; the {}"
              + " records before it are in the database, and the file is kept as .damaged",
          segment.path(),
          contents.damagedAt(),
          entries.size());
    }
    int unread = contents.records().size() - entries.size();
    spill.remove(segment, contents.damagedAt() >= 0 || unread > 0);
    counters.write(entries.size(), segment.records());
    return true;
  }

  private void release() {
    try {
      spill.close();
    } catch (IOException | RuntimeException failure) {
      log.warn("The journal's directory was not closed", failure);
    }
    atEnd.run();
  }
}
