// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.openjdk.jmh.util.SampleBuffer;

/**
 * Prints how many holds a second each ledger grants and how long one takes, all in one run: in
 * memory, leased over Redis, Redis for each call, and the Redis ledger's own scripts and arguments
 * sent by a loop over a bare Lettuce connection. Threads take a hold on the same three accounts,
 * wait for the answer, settle it, and wait again.
 *
 * <p>The contenders take turns, so that noise of the machine affects all of them; figures are
 * medians of the rounds.
 */
public final class LedgerThroughput {
  private static final long ESTIMATE = 1_000;
  private static final long ACTUAL = 100;

  private final Options options;
  private final List<Contender> contenders = new ArrayList<>();

  private LedgerThroughput(Options options) {
    this.options = options;
  }

  /**
   * How to measure. Immutable.
   *
   * @param rounds how many turns each contender has, after a first one that is not counted
   * @param turn how long one turn is
   * @param threads how many threads take holds
   */
  record Options(int rounds, Duration turn, int threads) {
    static Options of(String... args) {
      int rounds = 5;
      Duration turn = Duration.ofSeconds(2);
      int threads = 16;
      for (String arg : args) {
        String[] words = arg.split("=", 2);
        String value = words.length == 2 ? words[1] : "";
        switch (words[0]) {
          case "--rounds" -> rounds = Integer.parseInt(value);
          case "--turn" -> turn = Duration.parse(value);
          case "--threads" -> threads = Integer.parseInt(value);
          default ->
              throw new IllegalArgumentException(
                  "unknown option "
                      + arg
                      + "; the options are --rounds=5, --turn=PT2S, --threads=16");
        }
      }
      return new Options(rounds, turn, threads);
    }
  }

  /** Starts a Redis of its own on a free port, measures, prints a table, and stops it. */
  public static void main(String[] args) throws Exception {
    Options options;
    try {
      options = Options.of(args);
    } catch (RuntimeException invalid) {
      System.err.println(invalid.getMessage());
      System.exit(2);
      return;
    }
    measure(options, System.out);
  }

  /** Measures all contenders and prints a table. */
  static void measure(Options options, PrintStream out) throws Exception {
    try (RedisProcess server = RedisProcess.start();
        RedisClient client = RedisClient.create(server.uri());
        Ledger leased = Ledger.leased(RedisLedger.over(client.connect()))) {
      LedgerThroughput throughput = new LedgerThroughput(options);
      Contender bare =
          throughput.add(
              "bare Lettuce loop", BareLoop.like(client, holds(BareLoop.RECORDED), actuals()));
      Contender redis =
          throughput.add("Redis per call", caller(RedisLedger.over(client.connect()), "redis"));
      Contender leases = throughput.add("leased over Redis", caller(leased, "leased"));
      throughput.add("in memory", caller(Ledger.inMemory(), "memory"));

      throughput.takeTurns();

      throughput.contenders.forEach(contender -> contender.print(out));
      out.printf(
          "a bare Lettuce loop grants %.2f times the holds of Redis per call (aim: at most 1.3)%n",
          ratio(bare, redis));
      out.printf(
          "leased over Redis grants %.0f times the holds of Redis per call (aim: at least 50)%n",
          ratio(leases, redis));
    }
  }

  /** The holds of one call: on a budget of the company, of a team, and of requests. */
  private static List<Hold> holds(String id) {
    return List.of(
        hold(id, "company", Unit.NANO_USD, ""),
        hold(id, "team", Unit.TOKENS, "team=search"),
        hold(id, "rate", Unit.REQUESTS, ""));
  }

  private static Hold hold(String id, String budget, Unit unit, String scope) {
    Account account = new Account(budget, unit, scope, Instant.EPOCH, Instant.MAX);
    return new Hold(id, account, ESTIMATE, Long.MAX_VALUE / 2, true);
  }

  private static long[] actuals() {
    return new long[] {ACTUAL, ACTUAL, ACTUAL};
  }

  private static LedgerCaller caller(Ledger ledger, String name) {
    return new LedgerCaller() {
      @Override
      public void hold(String id) {
        HoldResult result = ledger.hold(holds(id)).toCompletableFuture().join();
        if (result != HoldResult.CLEAN) {
          throw new IllegalStateException(name + " refused: " + result);
        }
      }

      @Override
      public void settle(String id) {
        ledger.settle(holds(id), actuals()).toCompletableFuture().join();
      }
    };
  }

  /** One way to keep balances, and its figures in each round. */
  private record Contender(
      String name, LedgerCaller caller, List<Double> perSecond, List<Double> p99Micros) {
    void print(PrintStream out) {
      out.printf(
          "%-18s %,12.0f holds/s, p99 of a hold %,9.1f us%n",
          name, median(perSecond), median(p99Micros));
    }
  }

  private static double ratio(Contender faster, Contender slower) {
    return median(
        IntStream.range(0, faster.perSecond().size())
            .mapToObj(round -> faster.perSecond().get(round) / slower.perSecond().get(round))
            .toList());
  }

  private static double median(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private Contender add(String name, LedgerCaller caller) {
    Contender contender = new Contender(name, caller, new ArrayList<>(), new ArrayList<>());
    contenders.add(contender);
    return contender;
  }

  private void takeTurns() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(options.threads());
    try {
      for (int round = 0; round <= options.rounds(); round++) {
        for (Contender contender : contenders) {
          takeTurn(contender, round, threads);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void takeTurn(Contender contender, int round, ExecutorService threads) throws Exception {
    long start = System.nanoTime();
    long end = start + options.turn().toNanos();
    List<Future<SampleBuffer>> running = new ArrayList<>();
    for (int i = 0; i < options.threads(); i++) {
      String prefix = round + "-" + i + "-";
      running.add(threads.submit(() -> callUntil(end, contender.caller(), prefix)));
    }
    SampleBuffer nanos = new SampleBuffer();
    for (Future<SampleBuffer> thread : running) {
      nanos.addAll(thread.get());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (round > 0) {
      contender.perSecond().add(nanos.count() / seconds);
      contender.p99Micros().add(nanos.getStatistics(1e-3).getPercentile(99));
    }
  }

  private static SampleBuffer callUntil(long end, LedgerCaller caller, String prefix)
      throws Exception {
    SampleBuffer nanos = new SampleBuffer();
    long now = System.nanoTime();
    for (int i = 0; now < end; i++) {
      String id = prefix + i;
      caller.hold(id);
      nanos.add(System.nanoTime() - now);
      caller.settle(id);
      now = System.nanoTime();
    }
    return nanos;
  }
}
