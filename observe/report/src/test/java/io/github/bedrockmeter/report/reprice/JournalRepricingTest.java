// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reprice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalRepricingTest {
  private static final String NOVA = "amazon.nova-pro-v1:0";
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final Author ANNA = new Author("anna", "prices came", NOW);

  @TempDir Path folder;

  @Test
  void inH2ACallGetsItsPriceAndKeepsWhatWasThere() throws Exception {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:repricing;DB_CLOSE_DELAY=-1");
    database.setUser("sa");

    getsItsPrice(database);
  }

  @Test
  void inPostgresqlToo() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      getsItsPrice(postgres.getPostgresDatabase());
    }
  }

  private void getsItsPrice(DataSource database) throws Exception {
    Usage usage = Usage.ofTokens(1_000_000, 100_000);
    Cost unknown = new Cost.Unknown("no price book is configured");
    try (UsageJournal journal =
        UsageJournal.builder(database, folder.resolve("waiting"))
            .closeWithin(Duration.ofMinutes(2))
            .build()) {
      journal.onUsage(event("unpriced", NOVA, usage, unknown));
      journal.onUsage(event("priced", NOVA, usage, Cost.stated(new BigDecimal("7"), "contract")));
      journal.onUsage(event("unknown-model", "anthropic.claude-nine", usage, unknown));
      journal.onUsage(event("no-usage", NOVA, Usage.NONE, unknown));
      journal.onUsage(
          event(
              "half-usage",
              NOVA,
              usage,
              unknown,
              new Anomaly(Anomaly.Kind.USAGE_MISSING, "output was not reported")));
    }
    JournalRepricing repricing =
        JournalRepricing.of(database, "bedrock_meter_", PriceCatalog.bundled());
    List<String> before = ask(database, "SELECT * FROM bedrock_meter_usage ORDER BY call_id");

    JournalRepricing.Result preview = repricing.preview(null, null);

    assertThat(ask(database, "SELECT * FROM bedrock_meter_usage ORDER BY call_id"))
        .isEqualTo(before);
    assertThat(preview.priced().rows()).hasSize(1);
    assertThat(preview.priced().get(0, "usd")).isEqualTo(new BigDecimal("1.12"));
    assertThat(preview.left().rows()).hasSize(2);

    JournalRepricing.Result result = repricing.apply(null, null, ANNA);

    assertThat(result).isEqualTo(preview);
    assertThat(
            ask(
                database,
                "SELECT call_id, cost_usd, unpriced_reason FROM bedrock_meter_usage ORDER BY call_id"))
        .containsExactly(
            "half-usage|null|no price book is configured",
            "no-usage|null|no price book is configured",
            "priced|7|null",
            "unknown-model|null|no price book is configured",
            "unpriced|1.12|null");
    assertThat(
            ask(
                database,
                "SELECT meter, usd, rate_usd, rate_per FROM bedrock_meter_usage_line"
                    + " WHERE call_id = 'unpriced' ORDER BY meter"))
        .containsExactly("input|0.8|0.8|1000000", "output|0.32|3.2|1000000");
    assertThat(
            ask(
                database,
                "SELECT kind, call_id, actor, reason, detail FROM bedrock_meter_budget_event"))
        .containsExactly(
            "REPRICED|unpriced|anna|prices came|{\"before\":{\"costUsd\":null,"
                + "\"costAtLeastUsd\":\"0\",\"unpricedReason\":\"no price book is configured\","
                + "\"priceBook\":null},\"after\":{\"costUsd\":\"1.12\",\"priceBook\":\""
                + PriceCatalog.bundled().version()
                + "\"}}");
    assertThat(repricing.apply(null, null, ANNA).priced().rows()).isEmpty();
  }

  @Test
  void aDatabaseWithoutAJournalIsAnError() {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:nothing");

    assertThatThrownBy(
            () ->
                JournalRepricing.of(database, "bedrock_meter_", PriceCatalog.bundled())
                    .preview(null, null))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> new Author("anna", " ", NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reason");
  }

  private static UsageEvent event(
      String id, String model, Usage usage, Cost cost, Anomaly... anomalies) {
    MeteredCall call =
        SampleCalls.converse()
            .id(id)
            .model(model)
            .startedAt(Instant.parse("2026-10-05T12:00:00Z"))
            .tags("team", "search")
            .build();
    return SampleEvents.completed(call).usage(usage).cost(cost).anomalies(anomalies).build();
  }

  private static List<String> ask(DataSource database, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          Object value = result.getObject(i);
          cells.add(
              value instanceof BigDecimal decimal
                  ? decimal.stripTrailingZeros().toPlainString()
                  : String.valueOf(value));
        }
        rows.add(String.join("|", cells));
      }
    }
    return rows;
  }
}
