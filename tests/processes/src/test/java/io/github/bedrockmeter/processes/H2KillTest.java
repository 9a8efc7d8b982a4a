// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM whose ledger and journal are in one H2 file is killed with SIGKILL while it makes calls,
 * again and again: no event that the journal accepted is missing, and no charge or hold that the
 * ledger confirmed.
 */
@Timeout(14_400)
class H2KillTest {
  /** The soak, for 500 kills: {@code -Dsoak}. */
  private static final int KILLS =
      System.getProperty("soak") == null ? 5 : Integer.getInteger("soak.kills", 500);

  private static final int KILLS_BETWEEN_CHECKS = 10;
  private static final int KILLS_OF_A_FILE = 50;

  /** What a worker has confirmed when it is killed: from a few to a few hundred calls. */
  private static final int FEWEST_BYTES = 500;

  private static final int MOST_BYTES = 30_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path folder;

  private final List<String> missing = new ArrayList<>();
  private long accepted;
  private long settled;
  private int eventsMissing;
  private int chargesLost;

  @Test
  void nothingThatWasConfirmedIsLost() throws Exception {
    RandomGenerator random = new SplittableRandom(42);
    long start = System.nanoTime();
    for (int kill = 1; kill <= KILLS; kill++) {
      Path home = Files.createDirectories(folder.resolve("file-" + (kill - 1) / KILLS_OF_A_FILE));
      killOne(home, random.nextInt(FEWEST_BYTES, MOST_BYTES));
      if (kill % KILLS_BETWEEN_CHECKS == 0 || kill == KILLS) {
        boolean last = kill % KILLS_OF_A_FILE == 0 || kill == KILLS;
        check(home, kill, last);
      }
    }

    System.out.printf(
        "kill -9, H2 file of ledger and journal, flush interval zero: %d kills, %,d events"
            + " accepted, %d missing, %,d charges confirmed, %d lost, %,d s%n",
        KILLS,
        accepted,
        eventsMissing,
        settled,
        chargesLost,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    assertThat(missing).isEmpty();
    assertThat(accepted).isGreaterThan(KILLS);
    assertThat(settled).isGreaterThan(KILLS);
  }

  private static void killOne(Path home, int bytes) throws Exception {
    Path confirmed = home.resolve("confirmed");
    long before = Files.exists(confirmed) ? Files.size(confirmed) : 0;
    Process worker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWorker.class.getName(),
                home.resolve("db").toString(),
                confirmed.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("worker.out").toFile()))
            .start();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> Files.exists(confirmed) && Files.size(confirmed) > before + bytes);
      assertThat(worker.isAlive()).as(() -> "still running: " + output(home)).isTrue();
    } finally {
      worker.destroyForcibly();
    }
    assertThat(worker.waitFor()).as("killed by SIGKILL").isEqualTo(128 + 9);
  }

  private static String output(Path home) {
    try {
      return Files.readString(home.resolve("worker.out"));
    } catch (IOException failure) {
      return failure.toString();
    }
  }

  private void check(Path home, int kill, boolean last) throws Exception {
    Path file = home.resolve("db");
    List<String[]> lines =
        Files.readAllLines(home.resolve("confirmed")).stream()
            .map(line -> line.split(" ", -1))
            .toList();
    Set<String> used = ids(lines, KilledWorker.USED);
    Set<String> held = ids(lines, KilledWorker.HELD);
    Set<String> charged = ids(lines, KilledWorker.SETTLED);

    try (JdbcLedger ledger = JdbcLedger.file(file);
        UsageJournal journal = UsageJournal.file(file)) {
      await().atMost(PATIENCE).until(() -> journal.pending() == 0);
      Set<String> rows = calls(file);
      List<String> events = used.stream().filter(id -> !rows.contains(id)).sorted().toList();
      eventsMissing += events.size();
      if (!events.isEmpty()) {
        missing.add("by kill " + kill + ", events: " + events);
      }

      Account all = KilledWorker.all();
      Balance balance = ledger.balances(List.of(all)).toCompletableFuture().join().get(0);
      Set<String> open =
          ledger.openHolds(all).toCompletableFuture().join().stream()
              .map(OpenHold::id)
              .collect(Collectors.toSet());
      Set<String> unsettled = new HashSet<>(charged);
      unsettled.retainAll(open);
      held.removeAll(open);
      held.removeAll(ids(lines, KilledWorker.RELEASED));
      held.addAll(charged);
      long lost = held.size() - balance.settled() / KilledWorker.CHARGE;
      if (!unsettled.isEmpty() || lost > 0) {
        missing.add("by kill " + kill + ": charges " + lost + ", settled but held " + unsettled);
      }
      if (last) {
        chargesLost += Math.toIntExact(Math.max(lost, unsettled.size()));
        accepted += used.size();
        settled += charged.size();
      }
      System.out.printf(
          "%d kills: %d events, %d missing, %d charges, %d lost, %d open%n",
          kill, used.size(), events.size(), charged.size(), lost, open.size());
    }
  }

  private static Set<String> ids(List<String[]> lines, String what) {
    return lines.stream()
        .filter(line -> line[0].equals(what))
        .map(line -> line[1])
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Set<String> calls(Path file) throws SQLException {
    Set<String> calls = new HashSet<>();
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + file, "sa", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT call_id FROM bedrock_meter_usage")) {
      while (row.next()) {
        calls.add(row.getString(1));
      }
    }
    return calls;
  }
}
