// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.progress.Progress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDatabaseTest {
  private static final int EVENTS = 83;

  @TempDir Path folder;

  /** A journal in an H2 file that has these events. */
  private DataSource h2(List<UsageEvent> events) {
    Path file = folder.resolve("journal");
    try (UsageJournal journal =
        UsageJournal.builder(file).closeWithin(Duration.ofMinutes(2)).build()) {
      events.forEach(journal::onUsage);
    }
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:file:" + file.toAbsolutePath());
    database.setUser("sa");
    return database;
  }

  @Test
  void anH2FileAddsUpToItsEventsExactly() throws Exception {
    List<UsageEvent> events = events(EVENTS);
    DataSource database = h2(events);

    addsUp(database, events);
  }

  @Test
  void postgresqlAddsUpToItsEventsExactly() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      DataSource database = postgres.getPostgresDatabase();
      List<UsageEvent> events = events(EVENTS);
      try (UsageJournal journal =
          UsageJournal.builder(database, folder.resolve("waiting"))
              .closeWithin(Duration.ofMinutes(2))
              .build()) {
        events.forEach(journal::onUsage);
      }

      addsUp(database, events);
    }
  }

  @Test
  void aTimeEndsBeforeItsEnd() throws Exception {
    DataSource database = h2(events(10));
    Instant third = Calls.call(3).startedAt();

    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      long read =
          JournalDatabase.of(database)
              .readInto(tables, Calls.call(1).startedAt(), third, Progress.NONE);
      assertThat(read).isEqualTo(2);
      assertThat(tables.ask("SELECT call_id FROM calls ORDER BY time").rows())
          .containsExactly(List.of("call-1"), List.of("call-2"));
    }
  }

  @Test
  void ofAShortTimeNoLinesOfOtherCallsAreRead() throws Exception {
    DataSource database = h2(events(EVENTS));
    AtomicInteger rows = new AtomicInteger();

    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      long read =
          JournalDatabase.of(counted(DataSource.class, database, rows))
              .readInto(
                  tables, Calls.call(9).startedAt(), Calls.call(11).startedAt(), Progress.NONE);

      assertThat(read).isEqualTo(2);
      assertThat(tables.ask("SELECT call_id FROM calls ORDER BY time").rows())
          .containsExactly(List.of("call-9"), List.of("call-10"));
    }
    // How many there are, of that time and in all, two calls, their charges and tags.
    assertThat(rows.get()).isBetween(8, 2 + 2 + 2 * 3 + 2 * 2);
  }

  @Test
  void ofMostOfTheTimeTheLinesAndTagsOfItsCallsAreFacts() throws Exception {
    List<UsageEvent> events = events(EVENTS);
    DataSource database = h2(events);

    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      long read =
          JournalDatabase.of(database)
              .readInto(tables, Calls.call(20).startedAt(), null, Progress.NONE);

      assertThat(read).isEqualTo(EVENTS - 20);
      assertThat(tables.ask("SELECT count(*) AS n FROM tags").get(0, "n"))
          .isEqualTo(events.stream().skip(20).mapToLong(e -> e.call().tags().asMap().size()).sum());
      assertThat((BigDecimal) tables.ask("SELECT sum(usd) AS usd FROM charges").get(0, "usd"))
          .isEqualByComparingTo(
              events.stream()
                  .skip(20)
                  .flatMap(event -> event.cost().usd().stream())
                  .reduce(BigDecimal.ZERO, BigDecimal::add));
    }
  }

  /** The same object, whose results count the rows that were read of them. */
  private static <T> T counted(Class<T> type, Object counted, AtomicInteger rows) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer = method.invoke(counted, arguments);
              if (method.getName().equals("next") && Boolean.TRUE.equals(answer)) {
                rows.incrementAndGet();
              }
              Class<?> returned = method.getReturnType();
              return List.of(Connection.class, PreparedStatement.class, ResultSet.class)
                      .contains(returned)
                  ? counted(returned, answer, rows)
                  : answer;
            });
    return type.cast(proxy);
  }

  @Test
  void aDatabaseWithoutAJournalIsAnError() {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:none");
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      assertThatThrownBy(
              () -> JournalDatabase.of(database).readInto(tables, null, null, Progress.NONE))
          .isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(() -> JournalDatabase.of(database, "x;drop"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void addsUp(DataSource database, List<UsageEvent> events) throws SQLException {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      long read = JournalDatabase.of(database).readInto(tables, null, null, Progress.NONE);

      assertThat(read).isEqualTo(events.size());
      Rows sum =
          tables.ask(
              "SELECT sum(cost_usd) AS usd, sum(total_tokens) AS tokens, count(unpriced_reason) AS"
                  + " unpriced, count(anomalies) AS odd FROM calls");
      BigDecimal usd =
          events.stream()
              .flatMap(event -> event.cost().usd().stream())
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat((BigDecimal) sum.get(0, "usd")).isEqualByComparingTo(usd);
      assertThat(String.valueOf(sum.get(0, "tokens")))
          .isEqualTo("" + events.stream().mapToLong(event -> event.usage().totalTokens()).sum());
      assertThat(sum.get(0, "unpriced")).isEqualTo(1L);
      assertThat(sum.get(0, "odd")).isEqualTo(1L);
      assertThat((BigDecimal) tables.ask("SELECT sum(usd) AS usd FROM charges").get(0, "usd"))
          .isEqualByComparingTo(usd);
      assertThat(tables.ask("SELECT count(*) AS n FROM tags").get(0, "n"))
          .isEqualTo(events.stream().mapToLong(e -> e.call().tags().asMap().size()).sum());

      Rows one = tables.ask("SELECT * FROM calls WHERE call_id = 'call-1'");
      assertThat(one.get(0, "operation")).isEqualTo("ConverseStream");
      assertThat(one.get(0, "model")).isEqualTo("amazon.nova-lite-v1:0");
      assertThat(one.get(0, "outcome")).isEqualTo("completed");
      assertThat(one.get(0, "sent")).isEqualTo("SEEN");
      assertThat(one.get(0, "elapsed_nanos")).isEqualTo(1_500_000_000L);
      assertThat(
              tables
                  .ask(
                      "SELECT strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') AS t FROM calls WHERE call_id = 'call-1'")
                  .get(0, "t"))
          .isEqualTo("2026-11-01T00:00:58.123456Z");
    }
  }

  private static List<UsageEvent> events(int count) {
    List<UsageEvent> events = new ArrayList<>();
    for (int i = 0; i < count - 1; i++) {
      events.add(Calls.completed(i));
    }
    events.add(Calls.unpriced(count - 1));
    return events;
  }
}
