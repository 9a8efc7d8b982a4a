// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.OwnerOnly;
import io.github.bedrockmeter.jdbc.internal.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The journal's database, which may be unavailable at any time. Thread-safe. */
final class JournalStore {
  private static final Log log = Log.to(LoggerFactory.getLogger(JournalStore.class));

  /** How many entries one transaction writes at most. */
  static final int BATCH = 500;

  /** How many where transactions take turns, so that a ledger's hold does not wait for long. */
  private static final int BATCH_IN_TURN = 50;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Database database;
  private final Schema schema;
  private final Path directory;
  private final TagColumns tagColumns;
  private final boolean force;

  // Guarded by this.
  private @Nullable JournalTables tables;
  private volatile long pauseNanos;

  /**
   * A database that is connected with when there is something to write.
   *
   * @param directory where entries go that the database refuses
   * @param tagColumns tags that have a column in the view of calls
   * @param force whether what is written must survive a power failure
   */
  JournalStore(
      Database database, Schema schema, Path directory, TagColumns tagColumns, boolean force) {
    this.database = database;
    this.schema = schema;
    this.directory = directory;
    this.tagColumns = tagColumns;
    this.force = force;
  }

  /** The entries in records; one that cannot be read is left out and logged. */
  static List<JournalEntry> entries(List<byte[]> records) {
    List<JournalEntry> entries = new ArrayList<>(records.size());
    for (byte[] bytes : records) {
      try {
        entries.add(JournalEntry.fromBytes(bytes));
      } catch (IOException unknown) {
        log.error("A record cannot be read; its file is kept as .damaged", unknown);
      }
    }
    return entries;
  }

  /** Writes entries, a batch in each transaction; returns whether all are there. */
  boolean writeAll(List<JournalEntry> entries) {
    for (int from = 0; from < entries.size(); from += BATCH) {
      if (!write(entries.subList(from, Math.min(entries.size(), from + BATCH)))) {
        return false;
      }
    }
    return true;
  }

  /** Writes entries into the database, durably; returns whether it did. */
  synchronized boolean write(List<JournalEntry> entries) {
    try {
      if (tables == null) {
        Dialect migrated = schema.migrate(database);
        tagColumns.make(database, schema);
        tables = new JournalTables(schema, migrated);
      }
      Dialect dialect = database.dialect();
      int batch = dialect.takesTurns() ? BATCH_IN_TURN : BATCH;
      for (int from = 0; from < entries.size(); from += batch) {
        insert(tables, entries.subList(from, Math.min(entries.size(), from + batch)));
      }
      database.transact(
          connection -> {
            dialect.makeDurable(connection, force);
            return true;
          });
      if (pauseNanos > 0) {
        log.info("The journal's database is available again");
        pauseNanos = 0;
      }
      return true;
    } catch (Throwable failure) {
      pause(failure);
      return false;
    }
  }

  /** Inserts entries; one whose values the database refuses does not keep back the others. */
  private void insert(JournalTables into, List<JournalEntry> entries) throws SQLException {
    try {
      database.transact(connection -> into.insert(connection, entries));
    } catch (SQLException failure) {
      if (!Database.isRefusedData(failure)) {
        throw failure;
      }
      if (entries.size() == 1) {
        setAside(entries.get(0), failure);
        return;
      }
      for (JournalEntry entry : entries) {
        insert(into, List.of(entry));
      }
    }
  }

  private void setAside(JournalEntry entry, SQLException refusal) {
    Path aside = directory.resolve("refused.jsonl");
    log.error("The database refuses event {}; it is kept in {}", entry.id(), aside, refusal);
    try {
      String line = new String(entry.toBytes(), StandardCharsets.UTF_8) + "\n";
      OwnerOnly.createFile(aside);
      Files.writeString(aside, line, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Lengthens the pause before the next attempt. */
  synchronized void pause(Throwable failure) {
    if (pauseNanos == 0) {
      log.warn("The journal's database is unavailable; events wait in files", failure);
    }
    pauseNanos = Math.min(Math.max(FIRST_PAUSE_NANOS, 2 * pauseNanos), LONGEST_PAUSE_NANOS);
  }

  /** How long to wait before the next attempt; zero while the database is available. */
  long pauseNanos() {
    return pauseNanos;
  }
}
