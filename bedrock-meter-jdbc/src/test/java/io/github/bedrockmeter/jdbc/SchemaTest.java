// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaTest {
  private static final String VERSIONS =
      "SELECT COUNT(*) || ':' || MAX(version) FROM bedrock_meter_schema WHERE component = 'ledger'";

  private final Ledgers ledgers = new Ledgers();

  @AfterEach
  void close() {
    ledgers.close();
  }

  private List<DataSource> databases() throws Exception {
    return List.of(Databases.newH2(), ledgers.newPostgres());
  }

  private static Dialect migrate(Schema schema, DataSource database) throws Exception {
    return schema.migrate(new Database(database, Duration.ofSeconds(10)));
  }

  @Test
  void tablesAreMadeOnceHoweverOftenALedgerIsOpened() throws Exception {
    for (DataSource database : databases()) {
      ledgers.over(database);
      ledgers.over(database);

      assertThat(Databases.value(database, VERSIONS)).isEqualTo("1:1");
    }
  }

  @Test
  void manyProcessesMayStartTogether() throws Exception {
    for (DataSource database : databases()) {
      ExecutorService processes = Executors.newFixedThreadPool(8);
      try {
        List<Callable<Dialect>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          starts.add(() -> migrate(Schema.ledger("bedrock_meter_"), database));
          starts.add(() -> migrate(Schema.journal("bedrock_meter_"), database));
        }
        for (Future<Dialect> started : processes.invokeAll(starts)) {
          started.get();
        }
      } finally {
        processes.shutdownNow();
      }

      assertThat(Databases.value(database, VERSIONS)).isEqualTo("1:1");
    }
  }

  @Test
  void newerTablesAreRefusedWithWhatToDo() throws Exception {
    for (DataSource database : databases()) {
      ledgers.over(database);
      Databases.execute(
          database, "INSERT INTO bedrock_meter_schema (component, version) VALUES ('ledger', 7)");

      assertThatThrownBy(() -> JdbcLedger.over(database))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the tables of 'ledger' are of version 7; this bedrock-meter knows version 1:"
                  + " update it");
    }
  }

  @Test
  void aDbaMayApplyTheFilesByHand() throws Exception {
    DataSource database = ledgers.newPostgres();
    for (String file : List.of("postgresql/ledger-1.sql", "postgresql/journal-1.sql")) {
      try (InputStream in = Schema.class.getResourceAsStream(file)) {
        assertThat(in).isNotNull();
        Databases.execute(database, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    Databases.execute(
        database,
        "CREATE ROLE app_of_"
            + System.identityHashCode(this)
            + " LOGIN"
            + "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app_of_"
            + System.identityHashCode(this));

    migrate(Schema.ledger("bedrock_meter_"), database);
    migrate(Schema.journal("bedrock_meter_"), database);

    assertThat(Databases.value(database, VERSIONS)).isEqualTo("1:1");
  }

  @Test
  void anotherPrefixIsAnotherLedger() throws Exception {
    for (DataSource database : databases()) {
      ledgers.over(database);
      ledgers.add(JdbcLedger.builder(database).tablePrefix("team_a_").open(), database);

      assertThat(Databases.value(database, "SELECT COUNT(*) FROM team_a_account")).isEqualTo("0");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcLedger.builder(Databases.newH2()).tablePrefix("a; DROP"));
  }
}
