// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.jdbc.Databases;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process leaves that is killed between two writes to an H2 file, while tables are made or
 * changed, is the folder as it is at that moment. The next process works on it, and loses nothing.
 */
class KilledWhileTablesAreMadeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String STORED = "/stored-by-6bdaa60/balances-and-usage.mv.db";

  @TempDir Path folder;
  private int moments;

  @AfterEach
  void noMoreSnapshots() {
    SnapshotFiles.afterWrite(() -> {});
  }

  @Test
  void newTablesOfAJournalKeepWhatIsWrittenAfterwards() throws Exception {
    snapshots(Schema.journal("bedrock_meter_"));

    List<String> lost = new ArrayList<>();
    for (int moment = 0; moment < moments; moment++) {
      Path file = moment(moment).resolve("db");
      migrate(file, Schema.journal("bedrock_meter_"));
      insertTag(file);
      if (!"1".equals(value(file, "SELECT COUNT(*) FROM bedrock_meter_tag_name"))
          || !"0".equals(value(file, "SELECT COUNT(*) FROM bedrock_meter_usage"))
          || !"0".equals(leftOver(file))) {
        lost.add("write " + moment);
      }
    }

    assertThat(moments).isGreaterThan(20);
    assertThat(lost).isEmpty();
  }

  @Test
  void newTablesOfALedgerAreWhole() throws Exception {
    snapshots(Schema.ledger("bedrock_meter_"));

    for (int moment = 0; moment < moments; moment++) {
      Path file = moment(moment).resolve("db");
      migrate(file, Schema.ledger("bedrock_meter_"));
      assertThat(value(file, "SELECT COUNT(*) FROM bedrock_meter_correction")).isEqualTo("0");
      assertThat(leftOver(file)).as("write %d", moment).isEqualTo("0");
    }

    assertThat(moments).isGreaterThan(10);
  }

  @Test
  void olderTablesOfAJournalKeepTheirRows() throws Exception {
    storedByVersion1();
    String usage = "SELECT COUNT(*) || ' calls, ' || SUM(total_tokens) FROM bedrock_meter_usage";
    String events = "SELECT COUNT(*) FROM bedrock_meter_budget_event";
    String calls = value(folder.resolve("db"), usage);
    String reported = value(folder.resolve("db"), events);

    snapshots(Schema.journal("bedrock_meter_"));

    for (int moment = 0; moment < moments; moment++) {
      Path file = moment(moment).resolve("db");
      migrate(file, Schema.journal("bedrock_meter_"));
      assertThat(value(file, usage)).as("write %d", moment).isEqualTo(calls);
      assertThat(value(file, events)).as("write %d", moment).isEqualTo(reported);
      assertThat(leftOver(file)).as("write %d", moment).isEqualTo("0");
      assertThat(file.getParent()).isDirectoryNotContaining("glob:**upgrade**");
    }
    assertThat(moments).isGreaterThan(20);
  }

  @Test
  void olderTablesOfALedgerKeepTheirRows() throws Exception {
    storedByVersion1();
    String accounts = "SELECT COUNT(*) || ' accounts, ' || SUM(held) FROM bedrock_meter_account";
    String found = value(folder.resolve("db"), accounts);

    snapshots(Schema.ledger("bedrock_meter_"));

    for (int moment = 0; moment < moments; moment++) {
      Path file = moment(moment).resolve("db");
      migrate(file, Schema.ledger("bedrock_meter_"));
      assertThat(value(file, accounts)).as("write %d", moment).isEqualTo(found);
    }
    assertThat(moments).isGreaterThan(5);
  }

  private void storedByVersion1() throws IOException {
    try (InputStream in = KilledWhileTablesAreMadeTest.class.getResourceAsStream(STORED)) {
      assertThat(in).isNotNull();
      Files.copy(in, folder.resolve("db.mv.db"));
    }
  }

  /** Makes the tables, and keeps the folder as it is after each write. */
  private void snapshots(Schema schema) throws Exception {
    Path stored = folder.resolve("db.mv.db");
    String url = "jdbc:h2:snap:" + folder.resolve("db") + ";WRITE_DELAY=0;RETENTION_TIME=100";
    SnapshotFiles.afterWrite(this::keep);
    JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
    schema.migrate(new Database(pool, PATIENCE, () -> {}, new H2Upgrade(stored)));
    SnapshotFiles.afterWrite(() -> {});
    pool.dispose();
  }

  private Path moment(int moment) {
    return folder.resolve("write-" + moment);
  }

  private void keep() {
    try (Stream<Path> files = Files.list(folder)) {
      Path snapshot = Files.createDirectory(moment(moments++));
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, snapshot.resolve(file.getFileName()));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void migrate(Path file, Schema schema) throws Exception {
    try (Database database = H2File.open(file, PATIENCE)) {
      schema.migrate(database);
    }
  }

  private static void insertTag(Path file) throws Exception {
    JdbcConnectionPool pool = Databases.h2File(file);
    Databases.execute(pool, "INSERT INTO bedrock_meter_tag_name (tag) VALUES ('team')");
    pool.dispose();
  }

  /** How many tables there are that H2 made to change others. */
  private static String leftOver(Path file) throws Exception {
    return value(
        file,
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_name LIKE '%\\_COPY\\_%'");
  }

  private static String value(Path file, String query) throws Exception {
    JdbcConnectionPool pool = Databases.h2File(file);
    try {
      return Databases.value(pool, query);
    } finally {
      pool.dispose();
    }
  }
}
