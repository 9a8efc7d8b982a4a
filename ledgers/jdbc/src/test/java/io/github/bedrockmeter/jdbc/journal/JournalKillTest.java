// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.Databases;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed with SIGKILL while it makes calls; the next one finds what it accepted. */
class JournalKillTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CALLS = 200;
  private static final Pattern WHOLE_LINE = Pattern.compile("(\\S+) (\\d{13})");

  @TempDir Path folder;

  @Test
  void withoutAnIntervalNoAcceptedEventIsLost() throws Exception {
    String name = Databases.newPostgresDatabase();

    Killed killed = killWriter("" + Databases.postgresPort(), name, Duration.ZERO);

    try (HikariDataSource pool = Databases.pool(Databases.postgresPort(), name, 2)) {
      replay(pool, killed.accepted(Long.MAX_VALUE));
    }
  }

  @Test
  void withoutAnIntervalAndWithoutADatabaseNoAcceptedEventIsLost() throws Exception {
    String name = Databases.newPostgresDatabase();

    Killed killed = killWriter("" + unusedPort(), name, Duration.ZERO);

    try (HikariDataSource pool = Databases.pool(Databases.postgresPort(), name, 2)) {
      replay(pool, killed.accepted(Long.MAX_VALUE));
    }
  }

  @Test
  void withAnIntervalNoEventOlderThanItIsLost() throws Exception {
    String name = Databases.newPostgresDatabase();

    Killed killed = killWriter("" + Databases.postgresPort(), name, Duration.ofMillis(200));

    try (HikariDataSource pool = Databases.pool(Databases.postgresPort(), name, 2)) {
      // The interval, and what a busy machine takes to give a thread its turn.
      List<String> old = killed.accepted(killed.at() - 200 - 1_300);
      assertThat(old).isNotEmpty();
      replay(pool, old);
    }
  }

  @Test
  void anH2FileLosesNoAcceptedEvent() throws Exception {
    Path file = folder.resolve("usage");

    Killed killed = killWriter("h2", file.toString(), Duration.ZERO);

    UsageJournal journal = UsageJournal.file(file);
    await().atMost(PATIENCE).until(() -> journal.pending() == 0 && journal.written() > 0);
    journal.close();
    JdbcConnectionPool h2 = Databases.h2File(file);
    assertEachIsThereOnce(h2, killed.accepted(Long.MAX_VALUE));
    h2.dispose();
  }

  /** What a process printed before it was killed, ids and times, and when it was killed. */
  private record Killed(Map<String, Long> ids, long at) {
    List<String> accepted(long before) {
      return ids.entrySet().stream()
          .filter(entry -> entry.getValue() < before)
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  private Killed killWriter(String port, String database, Duration interval) throws Exception {
    Process process =
        OtherJvm.run(
            JournalWriter.class,
            port,
            database,
            folder.resolve("spill").toString(),
            "" + interval.toMillis());
    Map<String, Long> ids = new TreeMap<>();
    long start = 0;
    long at = 0;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher accepted = WHOLE_LINE.matcher(line);
        if (accepted.matches()) {
          ids.put(accepted.group(1), Long.parseLong(accepted.group(2)));
          start = start == 0 ? System.nanoTime() : start;
        }
        boolean longEnough = System.nanoTime() - start > 12 * interval.toNanos();
        if (at == 0 && ids.size() >= CALLS && longEnough) {
          at = System.currentTimeMillis();
          // The process itself would also close the stream that we still read.
          process.toHandle().destroyForcibly();
        }
      }
    }
    assertThat(process.waitFor()).as("killed by SIGKILL").isEqualTo(128 + 9);
    return new Killed(ids, at);
  }

  /** Waits until another journal has brought what the files have into the database. */
  private void replay(DataSource database, List<String> ids) {
    try (UsageJournal journal = UsageJournal.over(database, folder.resolve("spill"))) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(SQLException.class)
          .untilAsserted(() -> assertEachIsThereOnce(database, ids));
      await().atMost(PATIENCE).until(() -> journal.pending() == 0);
      assertThat(journal.dropped()).isZero();
    }
    assertThat(folder.resolve("spill")).isEmptyDirectory();
  }

  private static void assertEachIsThereOnce(DataSource database, List<String> ids)
      throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT call_id FROM bedrock_meter_usage")) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    assertThat(found).doesNotHaveDuplicates().containsAll(ids);
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
