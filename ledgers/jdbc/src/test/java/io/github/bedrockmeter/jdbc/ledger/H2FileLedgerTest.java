// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2FileLedgerTest extends LedgerContract {
  private final List<JdbcLedger> opened = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void close() {
    opened.forEach(JdbcLedger::close);
  }

  private JdbcLedger open() {
    JdbcLedger ledger =
        JdbcLedger.builder(folder.resolve("ledger")).grace(Databases.LONG_GRACE).build();
    opened.add(ledger);
    return ledger;
  }

  @Override
  protected Ledger newLedger() {
    return open();
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return open();
  }

  @Override
  protected Ledger impatientLedger() {
    JdbcLedger ledger =
        JdbcLedger.builder(folder.resolve("ledger"))
            .grace(Databases.LONG_GRACE)
            .abandonAfter(Duration.ofMillis(200))
            .build();
    opened.add(ledger);
    return ledger;
  }

  @Test
  void balancesAndHoldsSurviveARestart() {
    Hold settled = new Hold("a", account("day"), 60, 100, true);
    Hold open = new Hold("b", account("day"), 30, 100, true);
    JdbcLedger before = open();
    before.hold(List.of(settled)).toCompletableFuture().join();
    before.settle(List.of(settled), new long[] {45}).toCompletableFuture().join();
    before.hold(List.of(open)).toCompletableFuture().join();
    before.close();

    JdbcLedger after = open();

    assertThat(after.balances(List.of(account("day"))).toCompletableFuture().join())
        .containsExactly(new Balance(account("day"), 45, 30, 0));
    assertThat(after.settle(List.of(open), new long[] {30}).toCompletableFuture().join())
        .containsExactly(new Settled(account("day"), 45, 75));
  }

  @Test
  void eachLedgerOfABuilderIsClosedAlone() {
    Hold hold = new Hold("a", account("day"), 60, 100, true);
    JdbcLedger.Builder builder =
        JdbcLedger.builder(folder.resolve("ledger")).grace(Databases.LONG_GRACE);
    JdbcLedger first = builder.build();
    JdbcLedger second = builder.build();
    opened.add(second);
    first.hold(List.of(hold)).toCompletableFuture().join();

    first.close();

    assertThat(second.balances(List.of(account("day"))).toCompletableFuture().join())
        .containsExactly(new Balance(account("day"), 0, 60, 0));
  }

  @Test
  void aFolderThatCannotBeWrittenFailsAtOnce() {
    JdbcLedger.Builder builder = JdbcLedger.builder(Path.of("/dev/null/ledger"));

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(builder::build)
        .withMessageContaining("the ledger's database cannot be used")
        .withCauseInstanceOf(SQLException.class);
  }
}
