// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.support.RedisProcess;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Balances that outlive the application, in its own database and its own Redis. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class LedgersTest {
  @TempDir Path directory;

  @Test
  void theApplicationsDatabaseKeepsBalancesAndJournal() {
    String[] settings = {
      "bedrock.meter.ledger.type=jdbc",
      "bedrock.meter.ledger.timeout=30s",
      "bedrock.meter.journal.enabled=true",
      "bedrock.meter.journal.tag-columns=user",
      "bedrock.meter.journal.directory=" + directory.resolve("journal"),
      "spring.datasource.url=jdbc:h2:file:" + directory.resolve("db"),
      "bedrock.meter.budgets.calls.limit=2 requests",
      "bedrock.meter.budgets.calls.window=lifetime"
    };
    try (Boot app = Boot.started(Boot.Plain.class, settings)) {
      app.chat().prompt("Hello").call().content();
    }
    try (Boot app = Boot.started(Boot.Plain.class, settings)) {
      app.chat().prompt("Hello").call().content();

      assertDenied(app);
      JdbcTemplate database = new JdbcTemplate(app.context.getBean(DataSource.class));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions() // the journal makes its table when it writes
          .untilAsserted(
              () ->
                  assertThat(
                          database.queryForObject(
                              "select count(*) from bedrock_meter_call", Long.class))
                      .as("calls of both runs in the journal")
                      .isEqualTo(2));
    }
  }

  @Test
  void theJournalHasGauges() {
    try (Boot app =
        Boot.started(
            Boot.Plain.class,
            "bedrock.meter.journal.enabled=true",
            "bedrock.meter.journal.directory=" + directory.resolve("journal"),
            "spring.datasource.url=jdbc:h2:file:" + directory.resolve("db"))) {
      MeterRegistry registry = app.context.getBean(MeterRegistry.class);
      System.gc(); // no caller holds what they ask

      assertThat(registry.get("bedrock.meter.journal.pending").gauge().value()).isNotNaN();
      assertThat(registry.get("bedrock.meter.journal.dropped").functionCounter().count()).isZero();
    }
  }

  @Test
  void theApplicationsRedisKeepsBalances() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      String[] settings = {
        "bedrock.meter.ledger.type=redis",
        "bedrock.meter.ledger.timeout=30s",
        "spring.data.redis.port=" + redis.port(),
        "bedrock.meter.budgets.calls.limit=2 requests",
        "bedrock.meter.budgets.calls.window=lifetime"
      };
      try (Boot app = Boot.started(Boot.Plain.class, settings)) {
        app.chat().prompt("Hello").call().content();
      }
      try (Boot app = Boot.started(Boot.Plain.class, settings)) {
        BudgetStatus left = app.meter().snapshot(1).get(30, TimeUnit.SECONDS).get(0);
        assertThat(left.settled()).isEqualTo(Amount.requests(1));
        assertThat(left.held())
            .as("settled before Redis's client ended")
            .isEqualTo(Amount.requests(0));

        app.chat().prompt("Hello").call().content();
        assertDenied(app);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theLedgerInRedisWorksAgainAfterTheApplicationWasStoppedAndStarted(boolean leased)
      throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Boot app =
            Boot.started(
                Boot.Plain.class,
                "bedrock.meter.ledger.type=redis",
                "bedrock.meter.ledger.timeout=30s",
                "bedrock.meter.ledger.leased=" + leased,
                "spring.data.redis.port=" + redis.port(),
                "bedrock.meter.budgets.calls.limit=2 requests",
                "bedrock.meter.budgets.calls.window=lifetime")) {
      app.chat().prompt("Hello").call().content();

      app.context.stop();
      app.context.start();

      BudgetStatus left = app.meter().snapshot(1).get(30, TimeUnit.SECONDS).get(0);
      assertThat(left.settled()).isEqualTo(Amount.requests(1));
      assertThat(left.held()).as("slices went back").isEqualTo(Amount.requests(0));
      app.chat().prompt("Hello").call().content();
      assertDenied(app);
    }
  }

  private static void assertDenied(Boot app) {
    assertThat(catchThrowable(() -> app.chat().prompt("Hello").call().content()))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("budget 'calls'");
  }
}
