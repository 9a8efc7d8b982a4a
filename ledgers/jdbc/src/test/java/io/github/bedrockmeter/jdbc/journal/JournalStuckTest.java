// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.support.FaultyProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither the database nor the directory takes events, and the queue is full. */
class JournalStuckTest {
  private static final Duration FOREVER = Duration.ofDays(1_000_000);

  @TempDir Path folder;

  private FaultyProxy noServer;
  private HikariDataSource unavailable;

  @BeforeEach
  void open() throws Exception {
    noServer = FaultyProxy.to(1);
    unavailable = Databases.pool(noServer.port(), "none", 1);
  }

  @AfterEach
  void close() throws Exception {
    unavailable.close();
    noServer.close();
  }

  private UsageJournal.Builder journal() {
    return UsageJournal.builder(unavailable, folder.resolve("spill"))
        .queueCapacity(2)
        .closeWithin(Duration.ofMillis(100));
  }

  private void deleteDirectory() throws Exception {
    Path spill = folder.resolve("spill");
    try (Stream<Path> files = Files.list(spill)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(spill);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 200})
  void callersWaitOnceAndNotForever(int intervalMillis) throws Exception {
    try (UsageJournal journal =
        journal().flushInterval(Duration.ofMillis(intervalMillis)).build()) {
      deleteDirectory();
      Thread caller =
          new Thread(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  journal.onUsage(Events.event("call-" + i));
                }
              });
      caller.setDaemon(true);
      caller.start();

      // A second for the first that finds no room, and a busy machine's time for the others.
      caller.join(20_000);
      assertThat(caller.isAlive()).isFalse();
      assertThat(journal.accepted()).isEqualTo(2);
      assertThat(journal.dropped()).isEqualTo(998);

      Files.createDirectories(folder.resolve("spill"));
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                journal.onUsage(Events.event("later"));
                assertThat(journal.accepted()).isEqualTo(3);
              });
    }
  }

  @Test
  void anInterruptedCallerDoesNotWait() throws Exception {
    try (UsageJournal journal = journal().waitAtMost(FOREVER).build()) {
      deleteDirectory();
      journal.onUsage(Events.event("a"));
      journal.onUsage(Events.event("b"));
      Thread caller =
          new Thread(
              () -> {
                journal.onUsage(Events.event("c"));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
              });
      caller.start();
      await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);

      caller.interrupt();

      caller.join(20_000);
      assertThat(caller.isAlive()).isFalse();
      assertThat(journal.dropped()).isEqualTo(1);
    }
  }
}
