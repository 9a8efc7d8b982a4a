// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class SchemaTest {
  private static final String VERSIONS =
      "SELECT COUNT(*) || ':' || MAX(version) FROM bedrock_meter_schema WHERE component = 'ledger'";

  /** As it is documented for DBAs. */
  private static final String POSTGRES = "/io/github/bedrockmeter/jdbc/postgresql/";

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

      assertThat(Databases.value(database, VERSIONS)).isEqualTo("2:2");
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

      assertThat(Databases.value(database, VERSIONS)).isEqualTo("2:2");
    }
  }

  @Test
  void aTableWhoseNameDiffersOnlyInItsCaseStopsNothing() throws Exception {
    DataSource database = Databases.newH2();
    Databases.execute(database, "CREATE TABLE \"bedrock_meter_schema\" (id INTEGER)");

    ledgers.over(database);

    assertThat(Databases.value(database, VERSIONS)).isEqualTo("2:2");
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
              "the tables of 'ledger' have version 7, and this bedrock-meter knows version 2:"
                  + " update it");
    }
  }

  @Test
  void aRoleWithoutRightsToMakeTablesWorksOnThoseOfADba() throws Exception {
    String name = Databases.newPostgresDatabase();
    String role = "app_of_" + name;
    try (HikariDataSource dba = Databases.pool(Databases.postgresPort(), name, 1)) {
      for (String file :
          List.of("ledger-1.sql", "ledger-2.sql", "journal-1.sql", "journal-2.sql")) {
        try (InputStream in = Schema.class.getResourceAsStream(POSTGRES + file)) {
          assertThat(in).isNotNull();
          Databases.execute(dba, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      Databases.execute(dba, "CREATE ROLE " + role + " LOGIN");
      Databases.execute(
          dba, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role);
    }
    PGSimpleDataSource app = new PGSimpleDataSource();
    app.setServerNames(new String[] {"127.0.0.1"});
    app.setPortNumbers(new int[] {Databases.postgresPort()});
    app.setDatabaseName(name);
    app.setUser(role);
    assertThatThrownBy(() -> Databases.execute(app, "CREATE TABLE mine (id INTEGER)"))
        .hasMessageContaining("permission denied");

    migrate(Schema.journal("bedrock_meter_"), app);
    JdbcLedger ledger = ledgers.over(app);
    Account account = new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    Hold hold = new Hold("a", account, 60, 100, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();

    assertThat(ledger.settle(List.of(hold), new long[] {45}).toCompletableFuture().join())
        .containsExactly(new Settled(account, 0, 45));
    assertThat(ledger.cleanUp().toCompletableFuture().join()).isZero();
  }

  @Test
  void accountsPastTheirTimeAreDeletedWithTheirHolds() throws Exception {
    for (DataSource database : databases()) {
      JdbcLedger ledger = JdbcLedger.builder(database).grace(Duration.ofMillis(1)).build();
      ledgers.add(ledger, database);
      Instant start = Instant.parse("2020-01-01T00:00:00Z");
      Account over = new Account("day", Unit.TOKENS, "", start, start.plusSeconds(86_400));
      Account forever = new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
      Hold old = new Hold("a", over, 60, 100, true);
      Hold lasting = new Hold("a", forever, 60, 100, true);
      ledger.hold(List.of(old, lasting)).toCompletableFuture().join();

      assertThat(ledger.cleanUp().toCompletableFuture().join()).isEqualTo(1);

      assertThat(Databases.value(database, "SELECT COUNT(*) FROM bedrock_meter_hold"))
          .isEqualTo("1");
      assertThat(ledger.settle(List.of(old), new long[] {5}).toCompletableFuture().join())
          .containsExactly(new Settled(over, 0, 0));
    }
  }

  @Test
  void anotherPrefixIsAnotherLedger() throws Exception {
    for (DataSource database : databases()) {
      ledgers.over(database);
      ledgers.add(JdbcLedger.builder(database).tablePrefix("team_a_").build(), database);

      assertThat(Databases.value(database, "SELECT COUNT(*) FROM team_a_account")).isEqualTo("0");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcLedger.builder(Databases.newH2()).tablePrefix("a; DROP"));
  }
}
