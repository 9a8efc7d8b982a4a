// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator did wrong is named, with what to do, and without SQL. */
class LedgerMistakesTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "SECRETSCOPE", Instant.EPOCH, Instant.MAX);

  private String database;

  @BeforeEach
  void create() throws Exception {
    database = Databases.newPostgresDatabase();
  }

  private HikariDataSource admin() {
    return Databases.pool(Databases.postgresPort(), database, 2);
  }

  private HikariDataSource as(String role, String... more) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=%s%s"
            .formatted(Databases.postgresPort(), database, role, String.join("", more)));
    config.setConnectionTimeout(1_000);
    config.setInitializationFailTimeout(-1);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private static Throwable failureOf(JdbcLedger ledger) {
    Throwable failure =
        catchThrowable(
            () ->
                ledger
                    .hold(List.of(new Hold("SECRETCALL", DAY, 1, 9, true)))
                    .toCompletableFuture()
                    .join());
    return Objects.requireNonNull(failure.getCause());
  }

  private static void says(Throwable failure, String... words) {
    System.out.println(failure.getMessage());
    assertThat(failure)
        .isInstanceOf(LedgerUnavailableException.class)
        .hasCauseInstanceOf(SQLException.class);
    assertThat(failure.getMessage())
        .contains(words)
        .doesNotContain("SECRET", "SELECT *", "WITH", "INSERT INTO", "unnest")
        .hasSizeLessThan(300);
  }

  @Test
  void revokedRights() throws Exception {
    String role = "revoked_" + database;
    try (HikariDataSource admin = admin()) {
      JdbcLedger.over(admin).close();
      Databases.execute(admin, "CREATE ROLE " + role + " LOGIN");
      Databases.execute(admin, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
      try (HikariDataSource pool = as(role);
          JdbcLedger ledger = JdbcLedger.over(pool)) {
        says(failureOf(ledger), "grant SELECT, INSERT, UPDATE and DELETE", "(SQLState 42501)");
      }
    }
  }

  @Test
  void noRightToMakeTables() throws Exception {
    String role = "none_" + database;
    try (HikariDataSource admin = admin()) {
      Databases.execute(admin, "CREATE ROLE " + role + " LOGIN");
      try (HikariDataSource pool = as(role)) {
        says(
            catchThrowable(() -> JdbcLedger.over(pool)),
            "USAGE and CREATE on the schema",
            "(SQLState 42501)");
      }
    }
  }

  @Test
  void aSchemaThatDoesNotExist() {
    try (HikariDataSource pool = as("postgres", "&currentSchema=nowhere")) {
      says(catchThrowable(() -> JdbcLedger.over(pool)), "schema", "search path", "3F000");
    }
  }

  @Test
  void droppedTables() throws Exception {
    try (HikariDataSource admin = admin();
        JdbcLedger ledger = JdbcLedger.over(admin)) {
      for (String table : List.of("settled", "hold", "account")) {
        Databases.execute(admin, "DROP TABLE bedrock_meter_" + table);

        says(failureOf(ledger), "is missing", "apply its SQL files", "(SQLState 42P01)");
      }
    }
  }

  @Test
  void aUserThatThePoolHides() throws Exception {
    try (HikariDataSource pool = as("not_a_user")) {
      Throwable failure = catchThrowable(() -> JdbcLedger.over(pool));

      assertThat(failure.getCause()).hasMessageContaining("is not available");
      says(failure, "refused the user or the password", "(SQLState 28");
    }
  }

  @Test
  void aDatabaseThatDoesNotExist() {
    try (HikariDataSource pool = Databases.pool(Databases.postgresPort(), "nowhere", 1)) {
      says(catchThrowable(() -> JdbcLedger.over(pool)), "does not exist", "(SQLState 3D000)");
    }
  }

  @Test
  void aPoolThatIsClosedOrEmpty() throws Exception {
    HikariDataSource closed = admin();
    JdbcLedger ofClosed = JdbcLedger.over(closed);
    closed.close();
    says(failureOf(ofClosed), "data source is closed");
    ofClosed.close();
    JdbcConnectionPool disposed = JdbcConnectionPool.create("jdbc:h2:mem:" + database, "sa", "");
    JdbcLedger ofDisposed = JdbcLedger.over(disposed);
    disposed.dispose();
    says(failureOf(ofDisposed), "data source is closed");
    ofDisposed.close();
    HikariDataSource small = Databases.pool(Databases.postgresPort(), database, 1);
    JdbcLedger ofSmall = JdbcLedger.over(small);
    try (small;
        ofSmall;
        var taken = small.getConnection()) {
      assertThat(taken.isValid(1)).isTrue();
      says(failureOf(ofSmall), "the pool gave no connection in time");
    }
  }

  @Test
  void syncAndAsyncCallersGetTheSameSentenceAndTheCause() throws Exception {
    try (HikariDataSource admin = admin();
        FakeBedrock bedrock = FakeBedrock.start();
        JdbcLedger ledger = JdbcLedger.over(admin)) {
      Databases.execute(admin, "DROP TABLE bedrock_meter_hold");
      BedrockMeter meter =
          BedrockMeter.builder()
              .ledger(ledger)
              .budget(
                  Budget.named("all").limit(Amount.requests(9)).window(Window.lifetime()).build())
              .build();

      Throwable sync =
          catchThrowable(
              () -> meter.wrap(CannedBedrock.client()).converse(r -> r.modelId("model")));
      Throwable async =
          catchThrowable(
                  () -> meter.wrap(bedrock.asyncClient()).converse(r -> r.modelId("model")).join())
              .getCause();

      for (Throwable denial : List.of(sync, async)) {
        System.out.println(denial.getMessage());
        assertThat(denial)
            .isInstanceOf(BudgetExceededException.class)
            .hasMessageContaining("is missing")
            .hasStackTraceContaining("org.postgresql.util.PSQLException");
        assertThat(denial.getMessage()).doesNotContain("WITH request", "INSERT", "unnest");
      }
      meter.close();
    }
  }
}
