// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.support.RedisProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four JVMs make calls on one shared budget and a budget each. One of them is killed in the middle
 * of its calls; another is stopped for longer than the ledger timeout and than a call should take,
 * and continues. At the end, the records of all of them are compared with the ledger's.
 */
@Timeout(3_600)
class SeveralProcessesTest {
  private static final String KILLED = "killed";
  private static final String PAUSED = "paused";
  private static final List<String> SURVIVORS = List.of("first", "second", PAUSED);
  private static final List<String> WORKERS = List.of("first", "second", PAUSED, KILLED);

  private static final Duration PAUSE = Worker.LEDGER_TIMEOUT.multipliedBy(2);

  /** What a call is charged on average, in tokens; half of {@link Worker}'s maximum. */
  private static final int MEAN = 25;

  @TempDir private Path folder;

  @Test
  void redisKeepsEveryLimitAndLosesNothing() throws Exception {
    withRedis(url -> checkHolds(run(Store.REDIS, url, calls(6_000))));
  }

  @Test
  void postgresqlKeepsEveryLimitAndLosesNothing() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      // Otherwise a process stopped within a transaction blocks all others that need its rows.
      String url =
          server.getJdbcUrl("postgres", "postgres")
              + "&options=-c%20idle_in_transaction_session_timeout=200ms";
      checkHolds(run(Store.POSTGRESQL, url, calls(3_000)));
    }
  }

  @Test
  void leasesOverRedisKeepEveryLimitAndStrandOnlySlicesOfTheKilledProcess() throws Exception {
    withRedis(url -> checkSlices(run(Store.LEASES_OVER_REDIS, url, calls(15_000))));
  }

  /** How many calls the surviving workers make together. */
  private static int calls(int unlessSoaking) {
    return System.getProperty("soak") == null ? unlessSoaking : 200_000;
  }

  @FunctionalInterface
  private interface Scene {
    void play(String url) throws Exception;
  }

  private static void withRedis(Scene scene) throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      scene.play("redis://127.0.0.1:" + server.port());
    }
  }

  /**
   * The state after all processes have ended.
   *
   * @param balances by account, when everything that is held is abandoned
   * @param books by worker
   */
  private record Outcome(
      Map<Account, Balance> balances, Map<Account, List<OpenHold>> open, Map<String, Books> books) {

    /** The calls that some workers made and that an account counts. */
    List<Books.Call> calls(Predicate<String> workers, Account account) {
      return books.entrySet().stream()
          .filter(entry -> workers.test(entry.getKey()))
          .filter(entry -> isShared(account) || account.equals(Worker.own(entry.getKey())))
          .flatMap(entry -> entry.getValue().calls().stream())
          .filter(call -> call.isShared() || !isShared(account))
          .toList();
    }

    private static boolean isShared(Account account) {
      return account.equals(Worker.shared());
    }

    Balance balance(Account account) {
      return balances.getOrDefault(account, new Balance(account, 0, 0, 0));
    }

    List<OpenHold> openIn(Account account) {
      return open.getOrDefault(account, List.of());
    }
  }

  private Outcome run(Store store, String url, int calls) throws Exception {
    int each = calls / SURVIVORS.size() + 1;
    // So low that both deny: the shared budget the last calls, a worker's own nearly all at the
    // end.
    Map<Account, Long> limits = new LinkedHashMap<>();
    limits.put(Worker.shared(), (long) calls * MEAN * 17 / 25);
    WORKERS.forEach(worker -> limits.put(Worker.own(worker), (long) each * MEAN * 9 / 10));

    long start = System.nanoTime();
    try (Store.Opened opened = store.open(url)) {
      Watch watch = new Watch(opened.ledger(), limits);
      Map<String, Process> workers = new HashMap<>();
      try {
        for (String worker : WORKERS) {
          workers.put(worker, start(store, url, worker, each, limits));
        }
        for (String worker : WORKERS) {
          String line = workers.get(worker).inputReader().readLine();
          assertThat(line).as("%s: %s", worker, errors(worker)).isEqualTo("ready");
        }
        for (Process process : workers.values()) {
          process.outputWriter().append('\n').flush();
        }
        watch.untilAllAreDone(workers);
      } finally {
        workers.values().forEach(Process::destroyForcibly);
      }
      for (String worker : SURVIVORS) {
        assertThat(workers.get(worker).exitValue()).as("%s: %s", worker, errors(worker)).isZero();
      }

      Outcome outcome = outcome(opened.ledger(), limits.keySet());
      print(store, outcome, watch, Duration.ofNanos(System.nanoTime() - start));
      assertThat(watch.violations).isEmpty();
      assertThat(watch.samples).isGreaterThan(100);
      assertThat(watch.settledWhilePaused).as("the other processes continued").isPositive();
      assertThat(watch.abandonedWhilePaused).as("the paused process looked abandoned").isPositive();
      assertThat(outcome.books().get(PAUSED).denied()).as("the limit denied calls").isPositive();
      return outcome;
    }
  }

  private Process start(
      Store store, String url, String worker, int calls, Map<Account, Long> limits)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Worker.class.getName(),
            store.name(),
            url,
            worker,
            Integer.toString(calls),
            folder.resolve(worker).toString(),
            "" + limits.get(Worker.shared()),
            "" + limits.get(Worker.own(worker)))
        .redirectError(folder.resolve(worker + ".err").toFile())
        .start();
  }

  private String errors(String worker) throws IOException {
    return Files.readString(folder.resolve(worker + ".err"));
  }

  /** Reads the balances continuously, and kills, stops and resumes processes in between. */
  private static final class Watch {
    private final Ledger ledger;
    private final Map<Account, Long> limits;
    private final List<Balance> violations = new ArrayList<>();
    private int samples;
    private long settled;
    private long abandonedOfPaused;
    private long settledWhilePaused;
    private long abandonedWhilePaused;

    Watch(Ledger ledger, Map<Account, Long> limits) {
      this.ledger = ledger;
      this.limits = limits;
    }

    void untilAllAreDone(Map<String, Process> workers) throws Exception {
      Process killed = workers.get(KILLED);
      Process paused = workers.get(PAUSED);
      long limit = limits.get(Worker.shared());
      while (settled < limit / 4) {
        sample();
        assertThat(workers.values()).as("ended too early").allMatch(Process::isAlive);
      }
      killed.destroyForcibly();
      while (settled < limit / 3) {
        sample();
        assertThat(paused.isAlive()).as("ended too early").isTrue();
      }
      signal("STOP", paused);
      long before = settled;
      long stopped = System.nanoTime();
      while (System.nanoTime() - stopped < PAUSE.toNanos()) {
        sample();
        abandonedWhilePaused = Math.max(abandonedWhilePaused, abandonedOfPaused);
      }
      settledWhilePaused = settled - before;
      assertThat(paused.isAlive()).as("still running").isTrue();
      signal("CONT", paused);
      while (SURVIVORS.stream().anyMatch(worker -> workers.get(worker).isAlive())) {
        sample();
      }
      assertThat(killed.waitFor()).as("killed by SIGKILL").isEqualTo(128 + 9);
    }

    private static void signal(String name, Process process) throws Exception {
      Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start();
      assertThat(kill.waitFor()).as("kill -%s", name).isZero();
    }

    private void sample() throws Exception {
      List<Account> accounts = List.copyOf(limits.keySet());
      for (Balance balance : ledger.balances(accounts).toCompletableFuture().get()) {
        Account account = balance.account();
        if (balance.available(limits.get(account)) < 0
            || balance.held() < balance.abandoned()
            || balance.abandoned() < 0) {
          violations.add(balance);
        }
        if (account.equals(Worker.shared())) {
          settled = balance.settled();
        } else if (account.equals(Worker.own(PAUSED))) {
          abandonedOfPaused = balance.abandoned();
        }
      }
      samples++;
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private Outcome outcome(Ledger ledger, Set<Account> accounts) throws Exception {
    List<Account> all = List.copyOf(accounts);
    Map<Account, Balance> balances = new HashMap<>();
    await()
        .atMost(Store.ABANDON_AFTER.plusSeconds(10))
        .untilAsserted(
            () ->
                assertThat(ledger.balances(all).toCompletableFuture().get())
                    .allSatisfy(b -> balances.put(b.account(), b))
                    .allSatisfy(b -> assertThat(b.abandoned()).isEqualTo(b.held())));
    Map<Account, List<OpenHold>> open = new HashMap<>();
    for (Account account : all) {
      open.put(account, ledger.openHolds(account).toCompletableFuture().get());
    }
    Map<String, Books> books = new HashMap<>();
    for (String worker : WORKERS) {
      books.put(worker, Books.read(folder.resolve(worker)));
    }
    return new Outcome(balances, open, books);
  }

  private static void print(Store store, Outcome outcome, Watch watch, Duration time) {
    long granted = outcome.books().values().stream().mapToLong(b -> b.calls().size()).sum();
    long denied = outcome.books().values().stream().mapToLong(Books::denied).sum();
    System.out.printf(
        "%s: %d JVMs, %,d calls (%,d denied), %,d samples, %d violations,"
            + " %,d of %,d tokens settled while one JVM was paused,"
            + " killed JVM's open holds %d (%,d tokens of its own budget, %,d of the shared one),"
            + " %.1f s%n",
        store,
        WORKERS.size(),
        granted + denied,
        denied,
        watch.samples,
        watch.violations.size(),
        watch.settledWhilePaused,
        outcome.balance(Worker.shared()).settled(),
        outcome.open().values().stream().flatMap(List::stream).map(OpenHold::id).distinct().count(),
        outcome.balance(Worker.own(KILLED)).held(),
        outcome.balance(Worker.shared()).held(),
        time.toMillis() / 1e3);
  }

  /** Holds have the ids of calls: exactly the killed process's open holds are left. */
  private static void checkHolds(Outcome outcome) {
    String meterOfKilled = meterOf(outcome.books().get(KILLED).calls().get(0).id());
    for (Account account : outcome.balances().keySet()) {
      List<OpenHold> open = outcome.openIn(account);
      Map<String, Long> amounts = new HashMap<>();
      open.forEach(hold -> amounts.put(hold.id(), hold.amount()));
      Balance balance = outcome.balance(account);
      assertThat(balance.held()).isEqualTo(open.stream().mapToLong(OpenHold::amount).sum());
      assertThat(balance.settled())
          .as("%s: what was billed, except for what is still held", account)
          .isEqualTo(
              outcome.calls(worker -> true, account).stream()
                  .filter(call -> !amounts.containsKey(call.id()))
                  .mapToLong(Books.Call::charge)
                  .sum());

      Set<String> unknown = new HashSet<>(amounts.keySet());
      for (Books.Call call : outcome.calls(KILLED::equals, account)) {
        boolean isOpen = unknown.remove(call.id());
        if (isOpen || call.billed() == null) {
          assertThat(amounts).containsEntry(call.id(), call.estimate());
        }
      }
      assertThat(amounts.keySet())
          .as("%s: what the survivors held is settled or released", account)
          .allMatch(id -> meterOf(id).equals(meterOfKilled));
      assertThat(unknown)
          .as("held, and killed before it was recorded")
          .hasSizeLessThanOrEqualTo(Worker.THREADS);
    }
    assertThat(outcome.openIn(Worker.own(KILLED))).isNotEmpty().allMatch(OpenHold::abandoned);
    assertThat(outcome.openIn(Worker.shared())).allMatch(OpenHold::abandoned);
  }

  /** What the ids of one meter's calls begin with. */
  private static String meterOf(String callId) {
    return callId.substring(0, callId.indexOf('.'));
  }

  /** Holds are slices: what the killed process had spent and not yet settled is still held. */
  private static void checkSlices(Outcome outcome) {
    Set<String> owners = new HashSet<>();
    for (Account account : outcome.balances().keySet()) {
      List<OpenHold> open = outcome.openIn(account);
      open.forEach(hold -> owners.add(hold.id().substring(0, hold.id().lastIndexOf('-'))));
      Balance balance = outcome.balance(account);
      long survivors = charges(outcome, SURVIVORS::contains, account);
      long killed = charges(outcome, KILLED::equals, account);
      assertThat(balance.held()).isEqualTo(open.stream().mapToLong(OpenHold::amount).sum());
      assertThat(balance.settled())
          .as("%s: nothing is missing or counted twice", account)
          .isBetween(survivors, survivors + killed);
      assertThat(balance.settled() + balance.held())
          .as("%s: what the killed process spent is settled or held", account)
          .isGreaterThanOrEqualTo(survivors + killed);
      boolean isTheKilledOnes =
          account.equals(Worker.shared()) || account.equals(Worker.own(KILLED));
      if (!isTheKilledOnes) {
        assertThat(balance.held()).isZero();
        assertThat(balance.settled()).isEqualTo(survivors);
      }
    }
    assertThat(owners).as("only slices of the killed process are left").hasSize(1);
    assertThat(outcome.openIn(Worker.own(KILLED))).isNotEmpty().allMatch(OpenHold::abandoned);
    assertThat(outcome.openIn(Worker.shared())).allMatch(OpenHold::abandoned);
  }

  private static long charges(Outcome outcome, Predicate<String> workers, Account account) {
    return outcome.calls(workers, account).stream().mapToLong(Books.Call::charge).sum();
  }
}
