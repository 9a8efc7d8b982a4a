// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x;INIT=CREATE TABLE INJECTED(A INT)",
        "x;init=RUNSCRIPT FROM 'x'",
        "x;DB_CLOSE_DELAY=-1",
        "x;",
        "sub;folder/x",
        "..\\x",
        "a\nb",
        "ledger.mv.db"
      })
  void aNameThatH2WouldTakeForMoreThanANameIsRefused(String name) throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcLedger.file(folder.resolve(name)))
        .withMessageStartingWith("file must ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UsageJournal.file(folder.resolve(name)))
        .withMessageStartingWith("file must ");

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void namesWithSpacesAndQuotesAndEqualSignsAreNames() {
    for (String name : List.of("a b", "a=b", "a'b", "a%3Bb", "ä", "$x", "~")) {
      JdbcLedger.file(folder.resolve(name)).close();

      assertThat(folder.resolve(name + ".mv.db")).isRegularFile();
    }
  }

  @Test
  void whatIsWrittenIsForItsOwnerAlone() throws Exception {
    assumeTrue(
        Files.getFileStore(folder).supportsFileAttributeView("posix"),
        "whatIsWrittenIsForItsOwnerAlone was skipped: this file system has no POSIX permissions");
    Path data = folder.resolve("data");
    Path earlier = Files.createDirectories(data).resolve("earlier.mv.db");
    JdbcLedger.file(data.resolve("earlier")).close();
    Files.setPosixFilePermissions(earlier, PosixFilePermissions.fromString("rw-r--r--"));

    for (String name : List.of("earlier", "new")) {
      JdbcLedger ledger = JdbcLedger.file(data.resolve(name));
      ledger.hold(List.of(new Hold("a", account("day"), 1, 9, true))).toCompletableFuture().join();
      ownerOnly(data);
      ledger.close();
      ownerOnly(data);
    }
    Files.writeString(data.resolve("broken.mv.db"), "this is no database ".repeat(1_000));
    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> JdbcLedger.file(data.resolve("broken")));
    ownerOnly(data);
  }

  private static void ownerOnly(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.getFileName().toString())
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void theFileStaysSmallAndIsSmallAfterwards() throws Exception {
    int calls = 2_000;
    JdbcLedger ledger = open();
    for (int i = 0; i < calls; i++) {
      List<Hold> holds =
          List.of(
              new Hold("call-" + i, account("day"), 10, Long.MAX_VALUE, true),
              new Hold("call-" + i, account("tenant"), 10, Long.MAX_VALUE, true));
      ledger.hold(holds).toCompletableFuture().join();
      ledger.settle(holds, new long[] {7, 7}).toCompletableFuture().join();
    }
    Path file = folder.resolve("ledger.mv.db");
    long open = Files.size(file) / calls;
    ledger.close();
    int closes = 1;
    // A close compacts for two seconds at most; on a busy machine the next one goes on.
    for (; Files.size(file) / calls >= 1_000 && closes < 10; closes++) {
      open().close();
    }
    long closed = Files.size(file) / calls;

    System.out.printf(
        "H2 file: %d bytes a call while open, %d after %d closes%n", open, closed, closes);
    assertThat(closed).isLessThan(1_000);
  }
}
