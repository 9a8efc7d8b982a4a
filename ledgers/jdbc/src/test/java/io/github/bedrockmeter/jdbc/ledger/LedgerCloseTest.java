// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Unit;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ledger that is closed while its database keeps it waiting: every stage ends. */
class LedgerCloseTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private final ExecutorService callers = Executors.newSingleThreadExecutor();
  private final AtomicBoolean stuck = new AtomicBoolean();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final CountDownLatch freed = new CountDownLatch(1);

  @AfterEach
  void free() {
    freed.countDown();
    callers.shutdownNow();
  }

  /** A ledger with one thread, its own or its caller's. */
  private JdbcLedger ledger(boolean ownThread) {
    DataSource database =
        Databases.troubled(
            Databases.newH2(),
            () -> {
              if (failing.get()) {
                throw new SQLException("unavailable");
              }
              while (stuck.get() && freed.getCount() > 0) {
                try {
                  freed.await();
                } catch (InterruptedException ignored) {
                  // As a driver in a system call does.
                }
              }
            });
    JdbcLedger.Builder builder =
        JdbcLedger.builder(database).timeout(Duration.ofMinutes(1)).grace(Databases.LONG_GRACE);
    return ownThread ? builder.threads(1).build() : builder.executor(callers).build();
  }

  private static CompletableFuture<HoldResult> take(JdbcLedger ledger, String id) {
    return ledger.hold(List.of(new Hold(id, DAY, 1, 100, true))).toCompletableFuture();
  }

  private static void assertClosed(CompletableFuture<?> answer) {
    assertThat(answer)
        .failsWithin(Duration.ofSeconds(5))
        .withThrowableThat()
        .withCauseInstanceOf(IllegalStateException.class)
        .withMessageContaining("the ledger is closed");
  }

  /** Closes the ledger without its ten seconds of patience. */
  private static void closeAtOnce(JdbcLedger ledger) {
    Thread.currentThread().interrupt();
    ledger.close();
    assertThat(Thread.interrupted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void operationsWithoutAnAnswerFailWhenTheLedgerIsClosed(boolean ownThread) {
    JdbcLedger ledger = ledger(ownThread);
    stuck.set(true);
    CompletableFuture<HoldResult> asked = take(ledger, "asked");
    CompletableFuture<HoldResult> waiting = take(ledger, "waits for a thread");

    closeAtOnce(ledger);

    assertThat(List.of(asked, waiting, take(ledger, "late")))
        .allSatisfy(LedgerCloseTest::assertClosed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void operationsThatWaitForARetryFailWhenTheLedgerIsClosed(boolean ownThread) {
    JdbcLedger ledger = ledger(ownThread);
    failing.set(true);
    CompletableFuture<HoldResult> asked = take(ledger, "asked");

    closeAtOnce(ledger);

    assertClosed(asked);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closingWaitsForOpenOperationsAndTheirRetries(boolean ownThread) throws Exception {
    JdbcLedger ledger = ledger(ownThread);
    failing.set(true);
    CompletableFuture<HoldResult> first = take(ledger, "first");
    CompletableFuture<HoldResult> second = take(ledger, "second");
    Thread closer = new Thread(ledger::close);
    closer.start();
    await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    assertThat(take(ledger, "late")).isCompletedExceptionally();

    failing.set(false);

    closer.join(10_000);
    assertThat(closer.isAlive()).isFalse();
    assertThat(first).isCompletedWithValueMatching(Held.class::isInstance);
    assertThat(second).isCompletedWithValueMatching(Held.class::isInstance);
    assertThat(callers.isShutdown()).isFalse();
  }
}
