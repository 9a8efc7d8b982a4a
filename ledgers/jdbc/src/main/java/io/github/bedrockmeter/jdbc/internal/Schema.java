// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import io.github.bedrockmeter.jdbc.internal.Database.Safeguard;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;

/**
 * The tables of one component, brought up to date from numbered SQL files. A DBA who grants no
 * rights to change tables applies the same files by hand; each records its own version. Internal to
 * this module. Immutable and thread-safe.
 */
public final class Schema {
  private static final String DEFAULT_PREFIX = "bedrock_meter_";
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,30}");
  private static final Pattern STATEMENT_END = Pattern.compile(";\\s*(\\R|$)");

  /** Where the SQL files are, for a DBA too: the path is documented. */
  private static final String FILES = "/io/github/bedrockmeter/jdbc/";

  /** H2 changes tables outside transactions, and most of its databases belong to one process. */
  private static final Object ONE_AT_A_TIME = new Object();

  private final String component;
  private final int version;
  private final String prefix;

  private Schema(String component, int version, String prefix) {
    this.component = component;
    this.version = version;
    this.prefix = prefix;
  }

  /** The tables of a ledger. */
  public static Schema ledger(String prefix) {
    return new Schema("ledger", 2, prefix);
  }

  /** The tables of a journal. */
  public static Schema journal(String prefix) {
    return new Schema("journal", 2, prefix);
  }

  /** What the tables' names begin with unless set otherwise. */
  public static String defaultPrefix() {
    return DEFAULT_PREFIX;
  }

  /**
   * The same prefix.
   *
   * @throws IllegalArgumentException if a table's name cannot begin with it
   */
  public static String checkedPrefix(String prefix) {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "tablePrefix must be up to 31 lower case letters, digits and '_', such as"
              + " bedrock_meter_: '"
              + prefix
              + "'");
    }
    return prefix;
  }

  /** The full name of a table. */
  public String table(String name) {
    return prefix + name;
  }

  /**
   * Applies what is missing; returns the database's dialect.
   *
   * @throws IllegalStateException if the tables are of a newer version than this library
   */
  public Dialect migrate(Database database) throws SQLException {
    Dialect dialect = database.dialect();
    if (appliedOrNone(database) < version) {
      synchronized (ONE_AT_A_TIME) {
        database.transact(
            connection -> {
              dialect.lockSchema(connection);
              apply(connection, dialect, database.safeguard());
              return true;
            });
      }
    }
    return dialect;
  }

  private int appliedOrNone(Database database) throws SQLException {
    try {
      return database.transact(this::applied);
    } catch (SQLException failure) {
      if (Database.isMissingTable(failure)) {
        return 0;
      }
      throw failure;
    }
  }

  private int applied(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT COALESCE(MAX(version), 0) FROM " + table("schema") + " WHERE component = ?")) {
      select.setString(1, component);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        int applied = row.getInt(1);
        if (applied > version) {
          throw new IllegalStateException(
              ("the tables of '%s' have version %d,"
                      + " and this bedrock-meter knows version %d: update it")
                  .formatted(component, applied, version));
        }
        return applied;
      }
    }
  }

  private void apply(Connection connection, Dialect dialect, Safeguard safeguard)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Each component's first file begins with the table of versions, if it does not exist.
      statement.execute(statements(dialect, 1)[0]);
      int applied = applied(connection);
      if (applied == 0) {
        apply(statement, dialect, 1); // new tables, which have no rows to lose
        return;
      }
      safeguard.begin(connection);
      try {
        apply(statement, dialect, applied + 1);
      } finally {
        safeguard.end();
      }
    }
  }

  private void apply(Statement statement, Dialect dialect, int from) throws SQLException {
    for (int next = from; next <= version; next++) {
      for (String sql : statements(dialect, next)) {
        statement.execute(sql);
      }
    }
  }

  private String[] statements(Dialect dialect, int number) {
    String file = dialect.folder() + "/" + component + "-" + number + ".sql";
    try (InputStream in = Schema.class.getResourceAsStream(FILES + file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing in the jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return STATEMENT_END.split(text.replace(DEFAULT_PREFIX, prefix));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
