// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A setting that cannot be meant is refused at once, with its name, its value and an example. */
class SettingsTest {
  @Test
  void wrongSettingsOfALedgerAreRefused() {
    JdbcLedger.Builder ledger = JdbcLedger.builder(Databases.newH2());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.threads(0))
        .withMessage("threads must be positive, for example 8: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.timeout(Duration.ZERO))
        .withMessageStartingWith("timeout must be ")
        .withMessageEndingWith(": PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.abandonAfter(Duration.ofNanos(1)))
        .withMessageStartingWith("abandonAfter must be ")
        .withMessageEndingWith(": PT0.000000001S");
  }

  @Test
  void wrongSettingsOfAJournalAreRefused() {
    UsageJournal.Builder journal = UsageJournal.builder(Databases.newH2(), Path.of("journal"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal.flushInterval(Duration.ofSeconds(-1)))
        .withMessage("flushInterval must not be negative, for example PT1S: PT-1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal.closeWithin(Duration.ofSeconds(-1)))
        .withMessage("closeWithin must not be negative, for example PT1S: PT-1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal.queueCapacity(0))
        .withMessage("queueCapacity must be positive, for example 10000: 0");
  }
}
