// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** A database that cannot answer: one type of failure, its cause, and no SQL in the message. */
class LedgerUnavailableTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private static CompletableFuture<?> take(JdbcLedger ledger, String scope) {
    Account account = new Account("day", Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
    return ledger.hold(List.of(new Hold("secret", account, 1, 100, true))).toCompletableFuture();
  }

  private static CompletableFuture<?> take(JdbcLedger ledger) {
    return ledger.hold(List.of(new Hold("secret", DAY, 1, 100, true))).toCompletableFuture();
  }

  private static AbstractThrowableAssert<?, ?> failureOf(CompletableFuture<?> answer) {
    return assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(answer::join)
        .extracting(Throwable::getCause, throwable(LedgerUnavailableException.class));
  }

  @Test
  void aMissingTableFailsWithoutSqlInTheMessage() throws Exception {
    DataSource database = Databases.newH2();
    try (JdbcLedger ledger = JdbcLedger.over(database)) {
      Databases.execute(database, "DROP TABLE bedrock_meter_hold, bedrock_meter_account");

      failureOf(take(ledger))
          .hasMessage(
              "the ledger's database could not answer: a table or column of the ledger is missing;"
                  + " make the ledger anew, or apply its SQL files (SQLState 42S02)")
          .hasCauseInstanceOf(SQLException.class);
    }
  }

  @Test
  void aLostDatabaseFailsWithItsOwnExceptionAsTheCause() {
    SQLException refused = new SQLException("connection refused", "08001");
    AtomicBoolean unavailable = new AtomicBoolean();
    DataSource database =
        Databases.troubled(
            Databases.newH2(),
            () -> {
              if (unavailable.get()) {
                throw refused;
              }
            });
    try (JdbcLedger ledger = JdbcLedger.builder(database).timeout(Duration.ofMillis(200)).build()) {
      unavailable.set(true);

      failureOf(take(ledger))
          .hasMessageStartingWith("the ledger's database ")
          .hasMessageEndingWith(" (SQLState 08001)")
          .hasCause(refused);
    }
  }

  @Test
  void aPoolThatThrowsARuntimeExceptionIsAnUnavailableDatabaseToo() {
    RuntimeException failure = new RuntimeException("the pool cannot be filled");
    DataSource database =
        Databases.troubled(
            Databases.newH2(),
            () -> {
              throw failure;
            });

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> JdbcLedger.over(database))
        .havingCause()
        .isInstanceOf(SQLException.class)
        .withCause(failure);
  }

  @Test
  void aScopeThatIsTooLongIsRefusedBeforeTheDatabaseIsAsked() {
    Queue<Runnable> asked = new ArrayDeque<>();
    JdbcLedger ledger = JdbcLedger.builder(Databases.newH2()).executor(asked::add).build();
    Account account =
        new Account("b", Unit.TOKENS, "t=" + "x".repeat(4_095), Instant.EPOCH, Instant.MAX);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.hold(List.of(new Hold("call", account, 1, 10, true))))
        .withMessage("a scope of budget 'b' must not have more than 4096 characters: it has 4097");
    assertThat(asked).isEmpty();
    ledger.close();
  }

  @Test
  void anOperationThatWaitsTooLongForAThreadFails() throws Exception {
    Queue<Runnable> waiting = new ArrayDeque<>();
    JdbcLedger ledger =
        JdbcLedger.builder(Databases.newH2())
            .timeout(Duration.ofMillis(20))
            .executor(waiting::add)
            .build();
    CompletableFuture<?> answer = take(ledger);
    Thread.sleep(30);

    waiting.remove().run();

    failureOf(answer)
        .hasMessage("the ledger's database did not answer within PT0.02S")
        .hasNoCause();
    ledger.close();
  }

  @Test
  void anExecutorThatRefusesWorkFailsTheOperation() {
    RejectedExecutionException full = new RejectedExecutionException("full");
    try (JdbcLedger ledger =
        JdbcLedger.builder(Databases.newH2())
            .executor(
                work -> {
                  throw full;
                })
            .build()) {
      failureOf(take(ledger))
          .hasMessage("the ledger's executor refused the operation")
          .hasCause(full);
    }
  }

  @Test
  void moreThanTenThousandOpenOperationsAreRefused() {
    Queue<Runnable> waiting = new ArrayDeque<>();
    JdbcLedger ledger = JdbcLedger.builder(Databases.newH2()).executor(waiting::add).build();
    for (int i = 0; i < 10_000; i++) {
      assertThat(take(ledger, "tenant=" + i % 4)).isNotDone();
    }

    failureOf(take(ledger))
        .hasMessage(
            "the ledger already waits for 10000 answers of its database; this operation was not"
                + " tried");
    Thread.currentThread().interrupt();
    ledger.close();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void manyWhoWaitForOneAccountLeaveRoomForOthers() {
    Queue<Runnable> waiting = new ArrayDeque<>();
    JdbcLedger ledger = JdbcLedger.builder(Databases.newH2()).executor(waiting::add).build();
    for (int i = 0; i < 5_002; i++) {
      assertThat(take(ledger, "tenant=hot")).isNotDone();
    }

    failureOf(take(ledger, "tenant=hot"))
        .hasMessage(
            "the ledger already waits for 5000 answers about one balance; this operation was not"
                + " tried");
    assertThat(take(ledger, "tenant=good")).isNotDone();
    assertThat(waiting).as("given a thread: two of hot, and good").hasSize(3);
    Thread.currentThread().interrupt();
    ledger.close();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aDatabaseThatIsUnavailableWhenTheLedgerIsOpenedFails() {
    SQLException refused = new SQLException("connection refused", "08001");
    DataSource database =
        Databases.troubled(
            Databases.newH2(),
            () -> {
              throw refused;
            });

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> JdbcLedger.over(database))
        .withMessage(
            "the ledger's database cannot be used: it cannot be reached; check its address and that"
                + " it runs (SQLState 08001)")
        .withCause(refused);
  }
}
