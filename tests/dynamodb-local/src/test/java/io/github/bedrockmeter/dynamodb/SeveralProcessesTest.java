// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three processes share a budget, and one of them is killed in the middle of its calls. */
class SeveralProcessesTest {
  private static final List<String> WORKERS = List.of("first", "second", "killed");

  @TempDir private static Path folder;

  @Test
  @Timeout(300)
  void noLimitIsExceededAndOnlyTheHoldsOfTheKilledProcessAreAbandoned() throws Exception {
    String table = LocalDynamoDb.newTable();
    Ledger ledger = DynamoDbLedger.over(LocalDynamoDb.client(), table);
    Process first = worker(table, "first", 200);
    Process second = worker(table, "second", 200);
    Process killed = worker(table, "killed", Integer.MAX_VALUE);
    int samples = 0;
    try {
      while (first.isAlive() || second.isAlive()) {
        checkLimits(ledger);
        samples++;
        if (killed.isAlive() && settlements("killed").size() > 100) {
          killed.destroyForcibly();
        }
        Thread.sleep(50);
      }
      assertThat(killed.waitFor(10, TimeUnit.SECONDS)).as("killed").isTrue();
    } finally {
      Stream.of(first, second, killed).forEach(Process::destroyForcibly);
    }

    assertThat(first.exitValue()).as("first: %s", errors("first")).isZero();
    assertThat(second.exitValue()).as("second: %s", errors("second")).isZero();
    assertThat(samples).isGreaterThan(20);
    List<Settlement> settlements = new ArrayList<>();
    for (String worker : WORKERS) {
      settlements.addAll(settlements(worker));
    }
    Ledger tomorrow =
        DynamoDbLedger.builder(LocalDynamoDb.client(), table)
            .clock(InstantSource.offset(InstantSource.system(), Duration.ofDays(1)))
            .build();
    Balance shared = checkNothingIsMissing(tomorrow, Worker.SHARED, settlements);
    assertThat(shared.settled() + shared.held()).isGreaterThan(Worker.LIMIT - 40);
    assertThat(shared.abandoned()).isEqualTo(shared.held()).isGreaterThanOrEqualTo(40);
    for (String worker : WORKERS) {
      checkNothingIsMissing(
          tomorrow,
          Worker.ownOf(worker),
          settlements.stream().filter(s -> s.isOf(worker) && s.accounts() == 2).toList());
    }
    System.out.printf(
        "%d calls settled by three processes, %d samples, %s%n",
        settlements.size(), samples, shared);
  }

  private static Process worker(String table, String name, int calls) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Worker.class.getName(),
            LocalDynamoDb.endpoint().toString(),
            table,
            name,
            Integer.toString(calls))
        .redirectOutput(folder.resolve(name + ".out").toFile())
        .redirectError(folder.resolve(name + ".err").toFile())
        .start();
  }

  private static void checkLimits(Ledger ledger) {
    List<Account> accounts =
        Stream.concat(Stream.of(Worker.SHARED), WORKERS.stream().map(Worker::ownOf)).toList();
    assertThat(ledger.balances(accounts).toCompletableFuture().join())
        .allSatisfy(
            balance -> assertThat(balance.available(Worker.LIMIT)).isGreaterThanOrEqualTo(0));
  }

  /** A call that a worker was about to settle. */
  private record Settlement(String id, long actual, int accounts) {
    boolean isOf(String worker) {
      return id.startsWith(worker + ".");
    }
  }

  private static List<Settlement> settlements(String worker) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve(worker + ".out"))) {
      return lines
          .map(line -> line.split(" "))
          .map(p -> new Settlement(p[0], Long.parseLong(p[1]), Integer.parseInt(p[2])))
          .toList();
    }
  }

  private static String errors(String worker) throws IOException {
    return Files.readString(folder.resolve(worker + ".err"));
  }

  /** What is settled is what was printed, except for calls whose hold is still open. */
  private static Balance checkNothingIsMissing(
      Ledger ledger, Account account, List<Settlement> settlements) {
    List<OpenHold> open = ledger.openHolds(account).toCompletableFuture().join();
    assertThat(open)
        .allSatisfy(hold -> assertThat(hold.id()).startsWith("killed."))
        .allMatch(OpenHold::abandoned);
    Set<String> notSettled = open.stream().map(OpenHold::id).collect(Collectors.toSet());
    Balance balance = ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
    assertThat(balance.settled())
        .isEqualTo(
            settlements.stream()
                .filter(s -> !notSettled.contains(s.id()))
                .mapToLong(Settlement::actual)
                .sum());
    assertThat(balance.held()).isEqualTo(open.stream().mapToLong(OpenHold::amount).sum());
    return balance;
  }
}
