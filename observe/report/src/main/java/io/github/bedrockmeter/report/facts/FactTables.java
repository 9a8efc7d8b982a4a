// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The fact tables, in an embedded DuckDB that lives as long as this object. {@code facts.sql}
 * explains them.
 *
 * <pre>{@code
 * try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
 *   try (FactWriter writer = tables.writer()) {
 *     writer.add(call);
 *   }
 *   Rows rows = tables.query("reconcile/summary");
 * }
 * }</pre>
 *
 * <p>What does not fit into the memory limit is spilled into a folder of its own, which is deleted
 * at {@link #close}. SQL may read and write files in that folder and in those that {@link Options}
 * name, and nothing else; the engine neither loads nor fetches an extension, and knows no network.
 *
 * <p>Needs {@code org.duckdb:duckdb_jdbc} on the class path. Confined to one thread, but for {@link
 * #duplicate}.
 */
public final class FactTables implements AutoCloseable {
  /** Calls that one part of a parallel reading may have: more than a file has lines. */
  private static final int PART_BITS = 32;

  private final DuckDBConnection connection;
  private final Path folder;
  private final int threads;
  private final Thread atExit;

  // The last number that a call was given.
  private long calls;

  private final AtomicLong texts = new AtomicLong();

  private @Nullable Watched watched;

  private FactTables(DuckDBConnection connection, Path folder, int threads) {
    this.connection = connection;
    this.folder = folder;
    this.threads = threads;
    this.atExit = new Thread(() -> Engine.delete(folder), "bedrock-meter-report-exit");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * How the engine is opened. Immutable and thread-safe.
   *
   * @param memoryMegabytes the most memory the engine uses before it spills, in millions of bytes;
   *     at least 64
   * @param threads how many threads it computes with; at least 1
   * @param temporary where it makes a folder of its own
   * @param files files and folders that SQL may read and write besides
   */
  public record Options(int memoryMegabytes, int threads, Path temporary, List<Path> files) {
    private static final int LEAST_MEGABYTES = 64;
    private static final int USUAL_MEGABYTES = 512;

    public Options {
      if (memoryMegabytes < LEAST_MEGABYTES) {
        throw new IllegalArgumentException(
            "memoryMegabytes must be at least " + LEAST_MEGABYTES + ": " + memoryMegabytes);
      }
      if (threads < 1) {
        throw new IllegalArgumentException("threads must be at least 1: " + threads);
      }
      files = List.copyOf(files);
    }

    /** 512 MB, as many threads as there are processors, the system's folder for such files. */
    public static Options defaults() {
      return new Options(
          USUAL_MEGABYTES,
          Runtime.getRuntime().availableProcessors(),
          Path.of(System.getProperty("java.io.tmpdir", ".")),
          List.of());
    }

    /** These, with files and folders that SQL may read and write. */
    public Options withFiles(Path... more) {
      List<Path> all = new ArrayList<>(files);
      all.addAll(List.of(more));
      return new Options(memoryMegabytes, threads, temporary, all);
    }
  }

  /**
   * Opens an empty set of tables.
   *
   * @throws IllegalStateException if the engine is not on the class path, or its time zone is not
   *     UTC
   * @throws UncheckedIOException if the temporary folder cannot be made
   */
  public static FactTables open(Options options) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory(options.temporary(), "bedrock-meter-report-");
      DuckDBConnection connection =
          Engine.connect(options.memoryMegabytes(), options.threads(), options.files(), folder);
      FactTables tables = new FactTables(connection, folder, options.threads());
      tables.execute("facts");
      return tables;
    } catch (NoClassDefFoundError missing) {
      Engine.delete(folder);
      throw new IllegalStateException(
          "add org.duckdb:duckdb_jdbc to the class path: reports need it", missing);
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "no folder can be made in " + options.temporary() + ": " + failure.getMessage(), failure);
    } catch (SQLException failure) {
      Engine.delete(folder);
      throw new IllegalStateException("the engine does not open", failure);
    }
  }

  /** A text as SQL has it, in single quotes. */
  public static String text(String value) {
    return Engine.text(value);
  }

  /** A name as SQL has it, in double quotes. */
  public static String name(String value) {
    return '"' + value.replace("\"", "\"\"") + '"';
  }

  /** From now on, work of the engine is reported, with the name of its SQL file. */
  public void reportTo(Progress progress) {
    watched = new Watched(progress);
  }

  private <T> T watched(String what, Watched.Work<T> work) throws SQLException {
    return watched == null ? work.run() : watched.run("computing " + what, work);
  }

  /** The folder in which SQL may read and write files; it is deleted at {@link #close}. */
  public Path folder() {
    return folder;
  }

  /** How many threads the engine computes with. */
  public int threads() {
    return threads;
  }

  /** The last number that a call was given; calls that come later have higher ones. */
  public long lastCall() {
    return calls;
  }

  /** A writer; there is one at a time. */
  public FactWriter writer() {
    return new FactWriter(
        connection, texts::incrementAndGet, calls, last -> calls = last, () -> {});
  }

  /**
   * Numbers for the calls of a reading by several threads: those of a part follow each other, and
   * those of a later part are higher, whichever is read first.
   *
   * @param parts how many parts there are, such as files
   */
  public Numbers numbers(int parts) {
    return new Numbers(this, parts);
  }

  /** Writers for several threads. Thread-safe; writers are confined to a thread each. */
  public static final class Numbers implements AutoCloseable {
    private final FactTables tables;
    private final long first;
    private final int parts;

    private Numbers(FactTables tables, int parts) {
      this.tables = tables;
      this.first = (tables.calls >> PART_BITS) + 1;
      this.parts = parts;
    }

    /** A writer with a connection of its own. */
    public FactWriter writer() {
      try {
        DuckDBConnection own = tables.duplicate().unwrap(DuckDBConnection.class);
        own.setAutoCommit(false); // else each chunk of rows is a transaction, and written twice
        return new FactWriter(
            own,
            tables.texts::incrementAndGet,
            0,
            last -> {},
            () -> {
              own.commit();
              own.close();
            });
      } catch (SQLException failure) {
        throw new IllegalStateException("the engine does not open a connection", failure);
      }
    }

    /** From here on, a writer's calls are those of a part, from 0. */
    public void place(FactWriter writer, int part) {
      writer.numberFrom((first + part) << PART_BITS);
    }

    @Override
    public void close() {
      tables.calls = (first + parts) << PART_BITS;
    }
  }

  /**
   * Runs every statement of a SQL file.
   *
   * @param file such as {@code reconcile/pairs}
   * @param parameters values for the {@code ?} of its only statement; a file of several has none
   * @throws IllegalStateException if the engine refuses it
   */
  public void execute(String file, @Nullable Object... parameters) {
    run(file, SqlFiles.text(file), parameters);
  }

  /** Runs SQL that was put together from the text of SQL files, such as {@code COPY ... TO}. */
  public void run(String sql, @Nullable Object... parameters) {
    run("what was asked", sql, parameters);
  }

  private void run(String what, String sql, @Nullable Object[] parameters) {
    try {
      watched(what, () -> executed(sql, parameters));
    } catch (SQLException failure) {
      throw new IllegalStateException(failure.getMessage() + "\n" + sql, failure);
    }
  }

  private boolean executed(String sql, @Nullable Object[] parameters) throws SQLException {
    if (parameters.length == 0) {
      Engine.execute(connection, sql);
      return true;
    }
    try (PreparedStatement statement = prepare(sql, parameters)) {
      statement.execute();
      return true;
    }
  }

  /**
   * Asks the query of a SQL file.
   *
   * @param file such as {@code reconcile/summary}
   * @param parameters values for its {@code ?}, in their order
   * @throws IllegalStateException if the engine refuses it
   */
  public Rows query(String file, @Nullable Object... parameters) {
    return ask(file, SqlFiles.text(file), parameters);
  }

  /** Asks a query that was put together from the text of SQL files. */
  public Rows ask(String sql, @Nullable Object... parameters) {
    return ask("what was asked", sql, parameters);
  }

  private Rows ask(String what, String sql, @Nullable Object[] parameters) {
    try {
      return watched(what, () -> asked(sql, parameters));
    } catch (SQLException failure) {
      throw new IllegalStateException(failure.getMessage() + "\n" + sql, failure);
    }
  }

  private Rows asked(String sql, @Nullable Object[] parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet result = statement.executeQuery()) {
      return Rows.of(result);
    }
  }

  private PreparedStatement prepare(String sql, @Nullable Object... parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < parameters.length; i++) {
        Object value = parameters[i];
        statement.setObject(i + 1, value instanceof Instant at ? timestamp(at) : value);
      }
      return statement;
    } catch (SQLException | RuntimeException failure) {
      statement.close();
      throw failure;
    }
  }

  private static LocalDateTime timestamp(Instant at) {
    return LocalDateTime.ofInstant(at, ZoneOffset.UTC);
  }

  /**
   * Another connection with the same tables, for answers too long to be held, and for another
   * thread. The caller closes it.
   */
  public Connection duplicate() throws SQLException {
    synchronized (connection) {
      return connection.duplicate();
    }
  }

  /**
   * Checks that the engine knows a zone's changes of the clock as Java does, within a time.
   *
   * @throws IllegalStateException if it does not: one of the two has old rules
   */
  public void checkZone(ZoneId zone, Instant from, Instant to) {
    List<Instant> moments = new ArrayList<>(List.of(from, to));
    ZoneOffsetTransition next = zone.getRules().nextTransition(from);
    while (next != null && next.getInstant().isBefore(to)) {
      moments.add(next.getInstant().minusSeconds(1));
      moments.add(next.getInstant());
      next = zone.getRules().nextTransition(next.getInstant());
    }
    for (Instant moment : moments) {
      Rows row =
          ask(
              "SELECT strftime((CAST(? AS TIMESTAMP) AT TIME ZONE 'UTC') AT TIME ZONE "
                  + text(zone.getId())
                  + ", '%Y-%m-%dT%H:%M:%S') AS there",
              moment);
      LocalDateTime java = LocalDateTime.ofInstant(moment, zone).withNano(0);
      if (!LocalDateTime.parse(String.valueOf(row.get(0, "there"))).equals(java)) {
        throw new IllegalStateException(
            "zone %s at %s: the engine has %s, Java has %s"
                .formatted(zone, moment, row.get(0, "there"), java));
      }
    }
  }

  /** Closes the engine and deletes its folder. */
  @Override
  public void close() {
    if (watched != null) {
      watched.close();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      return; // the hook deletes the folder, and the engine ends with the process
    }
    try {
      connection.close();
    } catch (SQLException failure) {
      throw new IllegalStateException("the engine does not close", failure);
    } finally {
      Engine.delete(folder);
    }
  }
}
