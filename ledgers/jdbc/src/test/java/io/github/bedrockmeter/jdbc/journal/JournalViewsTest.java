// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reports read: the same in both databases. */
class JournalViewsTest {
  private static final Instant DAY = Instant.parse("2026-11-23T00:00:00Z");
  private static final Account ACCOUNT =
      new Account("daily", Unit.TOKENS, "team=search", DAY, DAY.plus(Duration.ofDays(1)));

  private final Ledgers databases = new Ledgers();

  @TempDir Path folder;

  @AfterEach
  void close() {
    databases.close();
  }

  private List<DataSource> databases() throws Exception {
    return List.of(Databases.newH2(), databases.newPostgres());
  }

  private UsageJournal.Builder journal(DataSource database) {
    return UsageJournal.builder(database, folder.resolve("spill")).flushInterval(Duration.ZERO);
  }

  private static void awaitWritten(UsageJournal journal) {
    await().atMost(Duration.ofSeconds(20)).until(() -> journal.pending() == 0);
    assertThat(journal.written()).isEqualTo(journal.accepted());
  }

  private static UsageEvent untagged(String id) {
    UsageEvent event = Events.event(id);
    MeteredCall call = event.call();
    return new UsageEvent(
        new MeteredCall(
            id,
            call.operation(),
            call.requestedModel(),
            call.pricing(),
            Tags.of("env", "prod"),
            call.bound(),
            call.estimate(),
            call.estimatedCost(),
            call.amendments()),
        event.outcome(),
        event.charge(),
        event.sent(),
        event.usage(),
        event.cost(),
        event.requestId(),
        event.answeredBy(),
        event.elapsedNanos(),
        event.overheadNanos(),
        event.stream(),
        event.attempts(),
        event.anomalies());
  }

  @Test
  void whatWasSpentWithoutATagIsThere() throws Exception {
    for (DataSource database : databases()) {
      try (UsageJournal journal = journal(database).tagColumns("team", "cost-center").build()) {
        journal.onUsage(Events.event("a"));
        journal.onUsage(Events.event("b"));
        journal.onUsage(untagged("c"));
        journal.onUsage(Events.unpricedStream("d"));
        awaitWritten(journal);
      }

      assertThat(
              rows(
                  database,
                  "SELECT tag_value, SUM(calls), SUM(unpriced_calls), SUM(at_least_usd)"
                      + " FROM bedrock_meter_spend_by_tag WHERE tag = 'team'"
                      + " GROUP BY tag_value ORDER BY tag_value"))
          .containsExactly("(none)|1|0|0.00066", "search|3|1|0.00132");
      assertThat(
              rows(
                  database,
                  "SELECT spend_day, model, model_id, calls, unpriced_calls, input_tokens,"
                      + " output_tokens, cache_read_tokens, cache_write_tokens, at_least_usd"
                      + " FROM bedrock_meter_spend_by_day"))
          .containsExactly("2026-11-23|a-model|a-model|4|1|300|60|0|0|0.00198");
      assertThat(
              rows(
                  database,
                  "SELECT call_id, tag_team, tag_cost_center, cost_usd FROM bedrock_meter_call"
                      + " WHERE call_id < 'd' ORDER BY call_id"))
          .containsExactly(
              "a|search|(none)|0.00066", "b|search|(none)|0.00066", "c|(none)|(none)|0.00066");
    }
  }

  @Test
  void tagColumnsMayBeChanged() throws Exception {
    for (DataSource database : databases()) {
      for (String tag : List.of("team", "it's", "env")) {
        try (UsageJournal journal = journal(database).tagColumns(tag).build()) {
          journal.onUsage(Events.event("a"));
          awaitWritten(journal);
        }
      }

      assertThat(rows(database, "SELECT tag_env FROM bedrock_meter_call")).containsExactly("prod");
    }
  }

  @Test
  void tagsWithTheSameColumnAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal(Databases.newH2()).tagColumns("cost-center", "cost.center"))
        .withMessage(
            "tagColumns must differ in letters and digits: 'cost-center' and 'cost.center' are"
                + " both the column tag_cost_center");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal(Databases.newH2()).tagColumns("x".repeat(60)))
        .withMessageContaining("up to 59 characters, for example 'team'");
  }

  @Test
  void whatWasObservedOfACallIsKept() throws Exception {
    for (DataSource database : databases()) {
      try (UsageJournal journal = journal(database).build()) {
        journal.onUsage(Events.event("a"));
        journal.onUsage(Events.unpricedStream("b"));
        awaitWritten(journal);
      }

      assertThat(
              rows(
                  database,
                  "SELECT base_model, sent, overhead_nanos, first_chunk_nanos"
                      + " FROM bedrock_meter_usage ORDER BY call_id"))
          .containsExactly("a-model|SEEN|50000|null", "a-model|INFERRED|3|null");
    }
  }

  @Test
  void whoCorrectedABalanceAndWhyIsKept() throws Exception {
    Correction correction = new Correction("anna", "refund 4711");
    for (DataSource database : databases()) {
      try (UsageJournal journal = journal(database).build()) {
        journal.recordAdjustment(new Settled(ACCOUNT, 100, 40), correction);
        journal.onBypass(new BypassEvent("outage", DAY, true));
        journal.onBypass(new BypassEvent("outage", DAY, false));
        journal.recordRelease(new OpenHold("lost", ACCOUNT, 7, DAY, true), correction);
        journal.onChargedWithoutHold(
            new ChargedWithoutHoldEvent(
                Events.call("late", "us-east-1", "search"), ACCOUNT, Amount.tokens(9)));
        awaitWritten(journal);
      }

      assertThat(
              rows(
                  database,
                  "SELECT kind, budget, scope, unit, change_amount, settled, call_id, actor, reason"
                      + " FROM bedrock_meter_budget_change ORDER BY kind"))
          .containsExactlyInAnyOrder(
              "ADJUSTED|daily|team=search|TOKENS|-60|40|null|anna|refund 4711",
              "BYPASSED|null|null|null|null|null|null|null|outage",
              "BYPASS_ENDED|null|null|null|null|null|null|null|outage",
              "RELEASED|daily|team=search|TOKENS|-7|null|lost|anna|refund 4711");
      assertThat(
              rows(
                  database,
                  "SELECT kind, budget, change_amount, call_id, model_id, EXTRACT(DAY FROM"
                      + " window_end - window_start) FROM bedrock_meter_budget_event"
                      + " WHERE kind = 'CHARGED_WITHOUT_HOLD'"))
          .containsExactly("CHARGED_WITHOUT_HOLD|daily|9|late|a-model|1");
    }
  }

  @Test
  void theKindOfADenialIsKept() throws Exception {
    Denied denied =
        new Denied(DenialKind.FROZEN, "daily", "team=search", null, null, null, "stop", null);
    for (DataSource database : databases()) {
      try (UsageJournal journal = journal(database).build()) {
        journal.onDenied(new DenialEvent(Events.call("a", "us-east-1", "search"), denied, true));
        journal.onDenied(new DenialEvent(Events.call("b", "us-east-1", "search"), denied, false));
        awaitWritten(journal);
      }

      assertThat(
              rows(
                  database,
                  "SELECT kind, denial_kind, model_id, reason FROM bedrock_meter_budget_event"
                      + " ORDER BY kind"))
          .containsExactly("DENIED|FROZEN|a-model|stop", "SHADOW|FROZEN|a-model|stop");
      assertThat(
              rows(
                  database,
                  "SELECT budget, scope, denied, shadow FROM bedrock_meter_denials_by_day"))
          .containsExactly("daily|team=search|1|1");
    }
  }

  /** They are what a reader copies. */
  @Test
  void theQueriesOfThePageRun() throws Exception {
    String page = Files.readString(Path.of("../../docs/journal.md"));
    List<String> queries =
        Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .flatMap(block -> Arrays.stream(block.group(1).split(";\\n", -1)))
            .filter(query -> !query.isBlank())
            .toList();
    assertThat(queries).hasSizeGreaterThanOrEqualTo(6);

    for (DataSource database : databases()) {
      try (UsageJournal journal = journal(database).build()) {
        journal.onUsage(untagged("a"));
        journal.onUsage(Events.event("b"));
        awaitWritten(journal);
      }

      for (String query : queries) {
        if (query.contains("DELETE")) {
          Databases.execute(database, query);
        } else {
          List<String> rows = rows(database, query);
          if (query.contains("tag = 'team'")) {
            assertThat(rows).containsExactly("(none)|0.00066|1|0", "search|0.00066|1|0");
          }
        }
      }
      assertThat(rows(database, "SELECT call_id FROM bedrock_meter_usage")).hasSize(2);
    }
  }

  /** Each row as text, with a bar between its columns. */
  private static List<String> rows(DataSource database, String query) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        StringJoiner columns = new StringJoiner("|");
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          columns.add(row.getString(i));
        }
        rows.add(columns.toString());
      }
    }
    return rows;
  }
}
