// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A DataSource, and how this module uses it: short transactions, bounded in time. Internal to this
 * module. Thread-safe.
 */
public final class Database implements AutoCloseable {
  /** The driver's own threads are not needed to notice that an answer is late. */
  private static final Executor SAME_THREAD = Runnable::run;

  /** Two processes wrote the same row first; the second finds it when it tries again. */
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * Of PostgreSQL; of H2: no such table, none but one in another case, none in an empty database.
   */
  private static final Set<String> MISSING_TABLE = Set.of("42P01", "42S02", "42S03", "42S04");

  private static final String CONNECTION_FAILURE = "08001";

  /*
   * One transaction of this process at a time, for a database that needs it (Dialect.takesTurns),
   * whoever asks: a ledger and a journal may share an H2 file. At a commit, H2 writes what each table
   * has at that moment, also of transactions that have not ended, and not all tables at the same
   * moment: it may write a row of another transaction without the note how to undo it. If the process
   * is killed then, the row stays, seen only by transactions that happen to get the same number as
   * the one that was killed. A journal that repeats its work after the kill gets that number, finds
   * the row, does not write it, and to all others it does not exist.
   */
  private static final ReentrantLock TURN = new ReentrantLock(true);

  private final DataSource dataSource;
  private final int timeoutMillis;
  private final Runnable atClose;
  private final Safeguard safeguard;
  private volatile @Nullable Dialect dialect;

  /** What its connections have unless it is changed; 0 if that need not be changed. */
  private volatile int isolationFound;

  /**
   * A database whose connections are the caller's, and stay open.
   *
   * @param timeout how long one answer of the database may take, before its connection is given up
   */
  public Database(DataSource dataSource, Duration timeout) {
    this(dataSource, timeout, () -> {}, Safeguard.NONE);
  }

  /** A database with connections of its own. */
  Database(DataSource dataSource, Duration timeout, Runnable atClose, Safeguard safeguard) {
    this.dataSource = dataSource;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.atClose = atClose;
    this.safeguard = safeguard;
  }

  /** What keeps existing rows while tables are changed. Called while no other transaction runs. */
  interface Safeguard {
    /** Nothing is done: the database changes tables in transactions, or is not ours. */
    Safeguard NONE =
        new Safeguard() {
          @Override
          public void begin(Connection connection) {}

          @Override
          public void end() {}
        };

    /** Before the first change. */
    void begin(Connection connection) throws SQLException;

    /** After the last change, or when one has failed. */
    void end() throws SQLException;
  }

  Safeguard safeguard() {
    return safeguard;
  }

  /**
   * What is done in one transaction.
   *
   * @param <T> what it returns
   */
  @FunctionalInterface
  public interface Work<T> {
    /** Does the work, on the thread that called {@link Database#transact}. */
    T in(Connection connection) throws SQLException;
  }

  /** The commit itself failed: whether the work was done is not known. Immutable, thread-safe. */
  public static final class InDoubtException extends SQLException {
    private static final long serialVersionUID = 1L;

    InDoubtException(SQLException cause) {
      super("the commit was not confirmed: " + cause.getMessage(), cause.getSQLState(), cause);
    }
  }

  /** Which kind of database this is; asks it the first time. */
  public Dialect dialect() throws SQLException {
    Dialect known = dialect;
    if (known == null) {
      known = inTransaction(Dialect::of);
      dialect = known;
    }
    return known;
  }

  /**
   * From now on, each connection is set to READ COMMITTED while it is used, if it is not by itself.
   * That costs two round trips more. Returns whether it is so.
   */
  public boolean readCommitted() throws SQLException {
    try (Connection connection = connect()) {
      int found = connection.getTransactionIsolation();
      if (!connection.getAutoCommit()) {
        connection.rollback(); // ends what the question began
      }
      isolationFound = found == Connection.TRANSACTION_READ_COMMITTED ? 0 : found;
      return isolationFound != 0;
    }
  }

  /** Runs work in a transaction, committed when it returns and rolled back when it throws. */
  public <T> T transact(Work<T> work) throws SQLException {
    return inTurn(() -> inTransaction(work));
  }

  /**
   * Runs work whose statements each commit by themselves. Where the connection breaks, whether the
   * last one was done is not known.
   */
  public <T> T run(Work<T> work) throws SQLException {
    return inTurn(() -> with(true, work));
  }

  /** What is done while no other transaction of this process is. */
  private interface Step<T> {
    T run() throws SQLException;
  }

  private <T> T inTurn(Step<T> step) throws SQLException {
    if (!dialect().takesTurns()) {
      return step.run();
    }
    awaitTurn();
    try {
      return step.run();
    } finally {
      TURN.unlock();
    }
  }

  private void awaitTurn() throws SQLException {
    try {
      if (!TURN.tryLock(timeoutMillis, TimeUnit.MILLISECONDS)) {
        throw new SQLTransientException(
            "another transaction of this process has not ended within " + timeoutMillis + " ms");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SQLTransientException("interrupted while another transaction ran", interrupted);
    }
  }

  private <T> T inTransaction(Work<T> work) throws SQLException {
    return with(
        false,
        connection -> {
          boolean ended = false;
          try {
            T result = work.in(connection);
            ended = true;
            commit(connection);
            return result;
          } finally {
            if (!ended) {
              rollBack(connection);
            }
          }
        });
  }

  private <T> T with(boolean autoCommit, Work<T> work) throws SQLException {
    try (Connection connection = connect()) {
      boolean autoCommitFound = connection.getAutoCommit();
      int networkTimeoutFound = connection.getNetworkTimeout();
      int isolation = isolationFound;
      connection.setNetworkTimeout(SAME_THREAD, timeoutMillis);
      try {
        if (isolation != 0) {
          connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        }
        if (autoCommitFound != autoCommit) {
          connection.setAutoCommit(autoCommit);
        }
        return work.in(connection);
      } finally {
        restore(connection, autoCommitFound, isolation, networkTimeoutFound);
      }
    }
  }

  /** A pool that cannot be filled may throw what is not an SQLException. */
  private Connection connect() throws SQLException {
    try {
      return dataSource.getConnection();
    } catch (RuntimeException failure) {
      throw new SQLException("no connection: " + failure.getMessage(), CONNECTION_FAILURE, failure);
    }
  }

  private static void commit(Connection connection) throws InDoubtException {
    try {
      connection.commit();
    } catch (SQLException unconfirmed) {
      throw new InDoubtException(unconfirmed);
    }
  }

  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException broken) {
      // The exception of the work is what the caller needs to know.
    }
  }

  /** Leaves the connection as it was found; a broken one is for its pool to throw away. */
  private static void restore(
      Connection connection, boolean autoCommit, int isolation, int networkTimeout) {
    try {
      if (connection.getAutoCommit() != autoCommit) {
        connection.setAutoCommit(autoCommit);
      }
      if (isolation != 0) {
        connection.setTransactionIsolation(isolation);
      }
      connection.setNetworkTimeout(SAME_THREAD, networkTimeout);
    } catch (SQLException broken) {
      // The result or the exception of the work is what the caller needs to know.
    }
  }

  /**
   * Whether trying again may help: a lost connection, a deadlock, a server that starts. Not for
   * what will fail again: data that is refused, a table or a right that is missing.
   */
  public static boolean isTransient(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null || state.length() < 2 || state.equals(UNIQUE_VIOLATION)) {
      return true;
    }
    return switch (state.substring(0, 2)) {
      case "0A", "22", "23", "28", "3D", "3F", "42", "54" -> false;
      default -> true;
    };
  }

  /** Whether a failure is about the values of a row, so that other rows may be accepted. */
  public static boolean isRefusedData(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"))
        && !state.equals(UNIQUE_VIOLATION);
  }

  /** Whether a failure says that a table does not exist. */
  static boolean isMissingTable(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && MISSING_TABLE.contains(state);
  }

  /** Closes the connections if they are its own; those of a caller stay open. */
  @Override
  public void close() {
    atClose.run();
  }
}
