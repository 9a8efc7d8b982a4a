// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.jdbc.Databases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2FileTest {
  private static final int COMMITS = 300;

  @TempDir Path folder;

  /** What a process leaves that is killed right after a commit is a copy of its open file. */
  @Test
  void everyCommitIsInAFileThatWasNotClosed() throws Exception {
    List<Integer> lostByH2 = new ArrayList<>();
    List<Integer> lost = new ArrayList<>();
    RandomGenerator random = new SplittableRandom(1);
    try (Database database = H2File.open(folder.resolve("db"), Duration.ofSeconds(10))) {
      database.transact(connection -> execute(connection, "SET RETENTION_TIME 0"));
      database.transact(connection -> execute(connection, "CREATE TABLE t (n INT, x VARCHAR)"));
      for (int n = 1; n <= COMMITS; n++) {
        int number = n;
        String text = "x".repeat(random.nextInt(10_000));
        database.transact(connection -> replace(connection, number, text));

        if (n % 3 == 0) {
          Path copy = Files.copy(stored("db"), stored("killed-" + n));
          try (Database reopened = H2File.open(named("killed-" + n), Duration.ofSeconds(10))) {
            if (reopened.transact(H2FileTest::newest) != n) {
              lost.add(n);
            }
          }
          Files.delete(copy);

          Path plain = Files.copy(stored("db"), stored("plain-" + n));
          if (newest(Databases.h2File(named("plain-" + n))) != n) {
            lostByH2.add(n);
          }
          Files.delete(plain);
        }
      }
    }

    System.out.println(
        "H2, file not closed after a commit, "
            + COMMITS / 3
            + " times: the commit is missing "
            + lostByH2.size()
            + " times if H2 opens it as it is, "
            + lost.size()
            + " times with its header mended");
    assertThat(lost).isEmpty();
  }

  private Path named(String name) {
    return folder.resolve(name);
  }

  private Path stored(String name) {
    return folder.resolve(name + ".mv.db");
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  /** A few rows, so that there is always space to use again. */
  private static boolean replace(Connection connection, int n, String text) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
      insert.setInt(1, n);
      insert.setString(2, text);
      insert.execute();
    }
    return execute(connection, "DELETE FROM t WHERE n < " + (n - 10));
  }

  private static int newest(JdbcConnectionPool database) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return newest(connection);
    } finally {
      database.dispose();
    }
  }

  private static int newest(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT MAX(n) FROM t")) {
      row.next();
      return row.getInt(1);
    }
  }
}
