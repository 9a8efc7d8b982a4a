// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;

/**
 * What differs between the supported databases; all other SQL is standard. Internal to this module.
 * Immutable and thread-safe.
 */
public enum Dialect {
  POSTGRESQL {
    @Override
    public String insertIfAbsent(String table, String key, String... columns) {
      return "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO NOTHING"
          .formatted(table, String.join(", ", columns), parameters(columns.length), key);
    }

    @Override
    public String deleteReturning(String table, String columns, String where) {
      return "DELETE FROM %s WHERE %s RETURNING %s".formatted(table, where, columns);
    }

    /** Nothing: a commit that has returned is on the server's disk, by its default settings. */
    @Override
    public void makeDurable(Connection connection, boolean force) {}

    @Override
    public boolean takesTurns() {
      return false;
    }

    @Override
    public String lockTimeout(Duration time) {
      return "SET LOCAL lock_timeout = " + Math.max(1, time.toMillis()) + "; ";
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_xact_lock(" + SCHEMA_LOCK + ")");
      }
    }
  },

  H2 {
    @Override
    public String insertIfAbsent(String table, String key, String... columns) {
      String names = String.join(", ", columns);
      String same =
          String.join(
              " AND ",
              Arrays.stream(key.split(", "))
                  .map(column -> "t." + column + " = s." + column)
                  .toList());
      return "MERGE INTO %s t USING (VALUES (%s)) s (%s) ON %s"
          .concat(" WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)")
          .formatted(
              table,
              parameters(columns.length),
              names,
              same,
              names,
              "s." + String.join(", s.", columns));
    }

    @Override
    public String deleteReturning(String table, String columns, String where) {
      return "SELECT %s FROM OLD TABLE (DELETE FROM %s WHERE %s)".formatted(columns, table, where);
    }

    @Override
    public void makeDurable(Connection connection, boolean force) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(force ? "CHECKPOINT SYNC" : "CHECKPOINT");
      }
    }

    /**
     * A SELECT FOR UPDATE of H2 2.5 that waited for a row returned, once in about ten thousand
     * times, the values from before the wait; then an update is lost. And what one transaction
     * commits brings half of another to the disk, where it stays if the process is killed.
     */
    @Override
    public boolean takesTurns() {
      return true;
    }

    /** Nothing: no other transaction of this process runs, and no other process has the file. */
    @Override
    public String lockTimeout(Duration time) {
      return "";
    }

    /** Nothing: H2 ends a transaction at each change of a table, so its files can be repeated. */
    @Override
    void lockSchema(Connection connection) {}
  };

  /** The letters "bedrock" as a number: the key of the advisory lock around schema changes. */
  private static final long SCHEMA_LOCK = 0x62656472_6f636bL;

  /** An INSERT that leaves a row of the same key as it is. */
  public abstract String insertIfAbsent(String table, String key, String... columns);

  /** A DELETE that returns the rows it deleted. */
  public abstract String deleteReturning(String table, String columns, String where);

  /**
   * Ensures that what was committed survives the end of this process.
   *
   * @param force whether it must survive a power failure too
   */
  public abstract void makeDurable(Connection connection, boolean force) throws SQLException;

  /** Whether locks on rows are not enough, so that this process runs one transaction at a time. */
  public abstract boolean takesTurns();

  /** What stands before a statement so that it waits so long for a row that is locked. */
  public abstract String lockTimeout(Duration time);

  /** Keeps other processes from changing the schema until the transaction ends. */
  abstract void lockSchema(Connection connection) throws SQLException;

  /** Where the SQL files of this database are. */
  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The dialect of a connection's database. */
  static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    for (Dialect dialect : values()) {
      if (dialect.name().equalsIgnoreCase(product)) {
        return dialect;
      }
    }
    throw new IllegalArgumentException("'" + product + "' is not supported; use PostgreSQL or H2");
  }

  /** A list of question marks, with commas between them. */
  public static String parameters(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }
}
