// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * Prints the tables of docs/scale.md: calls a second that a Redis and a PostgreSQL carry by the
 * number of callers, beside what {@link ScaleModel} predicts, and what fleets need by that model.
 */
final class Scale {
  private static final int ALONE = 1;
  private static final int MANY = 64;
  private static final int[] CALLERS = {ALONE, 4, 16, MANY};
  private static final int ROUNDS = 3;

  private Scale() {}

  static void measure(Duration turn, PrintStream out) throws Exception {
    out.println("| store | callers | calls/s | predicted | measured / predicted |");
    out.println("|---|---|---|---|---|");
    ScaleModel redis;
    double requests;
    try (RedisProcess server = RedisProcess.start();
        RedisClient client = RedisClient.create(server.uri())) {
      redis = compare("Redis", RedisLedger.over(client.connect()), false, turn, out);
      requests = leaseRequests(RedisLedger.over(client.connect()), turn);
    }
    HikariConfig config = new HikariConfig();
    config.setMaximumPoolSize(8);
    ScaleModel postgres;
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      config.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
      try (HikariDataSource database = new HikariDataSource(config);
          JdbcLedger ledger = JdbcLedger.over(database)) {
        postgres = compare("PostgreSQL", ledger, true, turn, out);
      }
    }
    out.printf(
        "%nA process that leases sends %.1f requests a second for an account, whatever it calls.%n%n",
        requests);
    fleets(redis, postgres, requests, out);
  }

  private static void fleets(
      ScaleModel redis, ScaleModel postgres, double requests, PrintStream out) {
    out.println(
        "| processes | calls/s | PostgreSQLs, per call | Redises, per call | Redises, leased, 3"
            + " accounts a process |");
    out.println("|---|---|---|---|---|");
    long[][] fleets = {{1, 100}, {10, 1_000}, {100, 10_000}, {1_000, 100_000}, {10_000, 1_000_000}};
    for (long[] fleet : fleets) {
      double leased = ScaleModel.leased(fleet[0], requests, 3);
      out.printf(
          "| %,d | %,d | %,d | %,d | %,d |%n",
          fleet[0],
          fleet[1],
          postgres.stores(fleet[1]),
          redis.stores(fleet[1]),
          redis.stores(Math.min(leased, fleet[1])));
    }
  }

  private static ScaleModel compare(
      String name, Ledger ledger, boolean together, Duration turn, PrintStream out)
      throws Exception {
    callsPerSecond(ledger, MANY, turn, name); // warms up
    List<List<Double>> rounds = new ArrayList<>();
    for (int i = 0; i < CALLERS.length; i++) {
      rounds.add(new ArrayList<>());
    }
    for (int round = 0; round < ROUNDS; round++) { // by turns, since what else runs changes
      for (int i = 0; i < CALLERS.length; i++) {
        rounds.get(i).add(callsPerSecond(ledger, CALLERS[i], turn, name));
      }
    }
    double[] measured = rounds.stream().mapToDouble(Lines::median).toArray();
    double alone = measured[0];
    double most = measured[CALLERS.length - 1];
    ScaleModel model = new ScaleModel(alone, MANY, most, together);
    out.printf("| %s | %d | %,.0f | given | - |%n", name, ALONE, alone);
    for (int i = 1; i < CALLERS.length - 1; i++) {
      double predicted = model.callsPerSecond(CALLERS[i]);
      out.printf(
          "| %s | %d | %,.0f | %,.0f | %.2f |%n",
          name, CALLERS[i], measured[i], predicted, measured[i] / predicted);
    }
    out.printf("| %s | %d | %,.0f | given | - |%n", name, MANY, most);
    return model;
  }

  /** Each caller holds and settles on the same account, and waits for both answers. */
  private static double callsPerSecond(Ledger ledger, int callers, Duration turn, String run)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    LongAdder calls = new LongAdder();
    try {
      long start = System.nanoTime();
      long end = start + turn.toNanos();
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        String prefix = run + start + "-" + caller + "-";
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; System.nanoTime() < end; i++) {
                    call(ledger, prefix + i);
                    calls.increment();
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      return calls.sum() / ((System.nanoTime() - start) / 1e9);
    } finally {
      threads.shutdown();
    }
  }

  private static void call(Ledger ledger, String id) {
    Account account = new Account("company", Unit.NANO_USD, "", Instant.EPOCH, Instant.MAX);
    List<Hold> holds = List.of(new Hold(id, account, 1_000, Long.MAX_VALUE / 2, true));
    ledger.hold(holds).toCompletableFuture().join();
    ledger.settle(holds, new long[] {100}).toCompletableFuture().join();
  }

  /** Requests a second that one process sends while it serves calls from slices. */
  private static double leaseRequests(Ledger remote, Duration turn) throws Exception {
    LongAdder requests = new LongAdder();
    Ledger counted =
        new ForwardingLedger(remote) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            requests.increment();
            return super.hold(holds);
          }

          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            requests.increment();
            return super.settle(holds, actuals);
          }
        };
    try (Ledger leased = Ledger.leased(counted)) {
      callsPerSecond(leased, 4, turn, "warm");
      long before = requests.sum();
      Duration longer = turn.multipliedBy(3);
      callsPerSecond(leased, 4, longer, "leased");
      return (requests.sum() - before) / (longer.toNanos() / 1e9);
    }
  }
}
