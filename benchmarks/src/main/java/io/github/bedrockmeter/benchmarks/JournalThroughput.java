// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Prints how many events a second the journal accepts, with and without a flush interval, and how
 * many calls a second it brings into a PostgreSQL, beside a batched insert of the same rows. A
 * call's rows here are one of the call, two of its counts and two of its tags.
 */
public final class JournalThroughput {
  private static final int THREADS = 4;

  /** As the journal does it. */
  private static final int CALLS_IN_A_TRANSACTION = 500;

  private static final List<String> TABLES = List.of("usage", "usage_line", "usage_tag");
  private static final Rates RATES =
      Rates.builder("benchmark")
          .perMillion(Meter.INPUT, "3.30")
          .perMillion(Meter.OUTPUT, "16.50")
          .build();

  private final HikariDataSource database;
  private final Path folder;
  private final AtomicLong ids = new AtomicLong();

  private JournalThroughput(HikariDataSource database, Path folder) {
    this.database = database;
    this.folder = folder;
  }

  /**
   * Starts a PostgreSQL of its own, measures, and stops it.
   *
   * @param args how many calls to write, 20000 if it is missing
   */
  public static void main(String[] args) throws Exception {
    measure(
        args.length == 0 ? 20_000 : Integer.parseInt(args[0]), Duration.ofSeconds(3), System.out);
  }

  /**
   * Measures and prints.
   *
   * @param calls how many are written
   * @param time how long events are accepted, with each interval
   */
  static void measure(int calls, Duration time, PrintStream out) throws Exception {
    Path folder = Files.createTempDirectory("journal-throughput");
    HikariConfig config = new HikariConfig();
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      config.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
      config.setMaximumPoolSize(2);
      try (HikariDataSource database = new HikariDataSource(config)) {
        JournalThroughput throughput = new JournalThroughput(database, folder);
        throughput.write(1_000); // warms up
        double journal = throughput.write(calls);
        double batched = throughput.copy(calls);
        out.printf("journal into PostgreSQL %,10.0f calls/s%n", journal);
        out.printf(
            "batched insert          %,10.0f calls/s, %.2f times%n", batched, batched / journal);
        for (Duration interval : List.of(Duration.ZERO, Duration.ofMillis(200))) {
          out.printf(
              "accepted, interval %-5s %,9.0f events/s, %d threads%n",
              interval, throughput.accept(interval, time), THREADS);
        }
      }
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private UsageJournal journal(Duration interval) throws IOException {
    return UsageJournal.builder(database, Files.createTempDirectory(folder, "files"))
        .flushInterval(interval)
        .waitAtMost(Duration.ofMinutes(1))
        .build();
  }

  private UsageEvent event() {
    String id = "call-" + ids.incrementAndGet();
    Usage usage = Usage.ofTokens(100, 20);
    MeteredCall call =
        new MeteredCall(
            id,
            "Converse",
            "a-model",
            new PriceKey("a-model", "us-east-1", PriceKey.STANDARD, Instant.now()),
            Tags.of("team", "search", "env", "prod"),
            usage,
            usage,
            RATES.costOf(usage),
            List.of());
    return new UsageEvent(
        call,
        new CallOutcome.Completed(),
        Charge.REPORTED,
        Sent.SEEN,
        usage,
        RATES.costOf(usage),
        "request-of-" + id,
        null,
        1_500_000_000L,
        50_000,
        null,
        new AttemptFacts(1, 0),
        List.of());
  }

  /** Calls a second, from the first event until all are in the database. */
  private double write(int calls) throws Exception {
    try (UsageJournal journal = journal(Duration.ofMillis(200))) {
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        journal.onUsage(event());
      }
      while (journal.pending() > 0) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      return calls / seconds(start);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Calls a second, with the rows of the last calls inserted into tables of the same form. */
  private double copy(int calls) throws SQLException {
    List<List<Object[]>> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(
            "CREATE TABLE copy_%s (LIKE bedrock_meter_%s INCLUDING ALL)".formatted(table, table));
        rows.add(
            rows(
                statement,
                "SELECT t.* FROM bedrock_meter_%s t JOIN (SELECT call_id FROM bedrock_meter_usage"
                        .formatted(table)
                    + " ORDER BY started_at DESC LIMIT "
                    + calls
                    + ") c ON c.call_id = t.call_id ORDER BY t.call_id"));
      }
      for (String table : TABLES.subList(1, TABLES.size())) {
        statement.execute(
            "ALTER TABLE copy_%s ADD FOREIGN KEY (call_id) REFERENCES copy_usage".formatted(table));
      }
      connection.setAutoCommit(false);
      long start = System.nanoTime();
      for (int from = 0; from < calls; from += CALLS_IN_A_TRANSACTION) {
        for (int table = 0; table < TABLES.size(); table++) {
          int each = rows.get(table).size() / calls;
          int to = Math.min(calls, from + CALLS_IN_A_TRANSACTION);
          insert(connection, TABLES.get(table), rows.get(table).subList(from * each, to * each));
        }
        connection.commit();
      }
      return calls / seconds(start);
    }
  }

  private static List<Object[]> rows(Statement statement, String query) throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(query)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        Object[] values = new Object[columns];
        for (int i = 0; i < columns; i++) {
          values[i] = row.getObject(i + 1);
        }
        rows.add(values);
      }
    }
    return rows;
  }

  private static void insert(Connection connection, String table, List<Object[]> rows)
      throws SQLException {
    String parameters = "?" + ", ?".repeat(rows.get(0).length - 1);
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO copy_" + table + " VALUES (" + parameters + ")")) {
      for (Object[] row : rows) {
        for (int i = 0; i < row.length; i++) {
          insert.setObject(i + 1, row[i]);
        }
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** Events a second, while the database takes what it can. */
  private double accept(Duration interval, Duration time) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (UsageJournal journal = journal(interval)) {
      long start = System.nanoTime();
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        callers.add(
            threads.submit(
                () -> {
                  while (System.nanoTime() - start < time.toNanos()) {
                    journal.onUsage(event());
                  }
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      return journal.accepted() / seconds(start);
    } finally {
      threads.shutdownNow();
    }
  }
}
