// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.support.NoisyNeighbour;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** One tenant's row is locked in PostgreSQL, by a backup or a forgotten session: others pass. */
class NoisyNeighbourTest {
  private static final Duration LENGTH = Duration.ofSeconds(30);

  private HikariDataSource pool;
  private HikariDataSource others;

  @BeforeEach
  void connect() throws SQLException {
    String database = Databases.newPostgresDatabase();
    pool = Databases.pool(Databases.postgresPort(), database, 8);
    others = Databases.pool(Databases.postgresPort(), database, 1);
  }

  @AfterEach
  void disconnect() {
    pool.close();
    others.close();
  }

  private BedrockMeter meter(JdbcLedger ledger, boolean shared, boolean failOpen) {
    BedrockMeter.Builder builder =
        BedrockMeter.builder()
            .ledger(ledger)
            .failOpen(failOpen)
            .settlementTime(Duration.ofSeconds(5))
            .budget(
                Budget.named("tenant")
                    .limit(Amount.requests(1_000_000))
                    .window(Window.monthly(ZoneOffset.UTC))
                    .per("tenant")
                    .build());
    if (shared) {
      builder.budget(
          Budget.named("all")
              .limit(Amount.requests(1_000_000))
              .window(Window.monthly(ZoneOffset.UTC))
              .build());
    }
    return builder.build();
  }

  @ParameterizedTest(name = "a budget that all share: {0}, failOpen: {1}")
  @CsvSource({"false,false", "true,false", "false,true"})
  void theOtherTenantsPassWhileOneTenantsRowIsLocked(boolean shared, boolean failOpen)
      throws Exception {
    try (JdbcLedger ledger = JdbcLedger.over(pool);
        Connection locker = others.getConnection()) {
      BedrockRuntimeClient client = meter(ledger, shared, failOpen).wrap(CannedBedrock.client());
      call(client, "noisy");
      Awaitility.await().until(() -> noisySettled(ledger));
      locker.setAutoCommit(false);
      lockRowOf(locker, "tenant=noisy");

      NoisyNeighbour.Result result =
          new NoisyNeighbour(tenant -> call(client, tenant)).run("noisy", LENGTH);
      locker.rollback();

      System.out.println(result);
      assertThat(result.others()).isGreaterThan(LENGTH.toSeconds() * 75);
      assertThat(result.percentPassed()).isGreaterThanOrEqualTo(99);
      assertThat(result.noisyPassed() > 0).as("its account is locked").isEqualTo(failOpen);
    }
  }

  private static boolean noisySettled(JdbcLedger ledger) {
    return ledger.find(AccountQuery.all(10)).toCompletableFuture().join().stream()
        .allMatch(balance -> balance.settled() == 1 && balance.held() == 0);
  }

  private static void call(BedrockRuntimeClient client, String tenant) {
    client.converse(
        r ->
            r.modelId("model")
                .inferenceConfig(c -> c.maxTokens(10))
                .overrideConfiguration(BedrockMeter.tags("tenant", tenant)));
  }

  private static void lockRowOf(Connection connection, String scope) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT * FROM bedrock_meter_account WHERE scope = '" + scope + "' FOR UPDATE")) {
      assertThat(row.next()).isTrue();
    }
  }
}
