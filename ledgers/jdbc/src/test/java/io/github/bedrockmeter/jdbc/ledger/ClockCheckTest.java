// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Unit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A clock that is a day ahead, or behind, is warned of once, with both times. */
class ClockCheckTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static String logOf(Runnable work) {
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setErr(err);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aProcessThatIsADayAheadOrBehindIsWarnedOfOnceWithBothTimes() {
    for (Duration ahead : List.of(Duration.ofDays(1), Duration.ofDays(-1))) {
      ClockCheck clocks = new ClockCheck(() -> NOW.plus(ahead));

      String log =
          logOf(
              () -> {
                clocks.compare(NOW.plus(ahead), NOW);
                clocks.compare(NOW.plus(ahead), NOW);
                clocks.check(List.of(dayOf(NOW.plus(ahead))));
              });

      assertThat(log).containsOnlyOnce(NOW.plus(ahead).toString()).containsOnlyOnce(NOW + ":");
      assertThat(log.lines()).hasSize(1);
    }
  }

  @Test
  void clocksThatAgreeAreNotWarnedOf() {
    ClockCheck clocks = new ClockCheck(() -> NOW);

    assertThat(
            logOf(
                () -> {
                  clocks.compare(NOW.minusSeconds(2), NOW.plusSeconds(30));
                  clocks.check(List.of(dayOf(NOW)));
                }))
        .isEmpty();
  }

  @Test
  void aMeterWhoseClockIsADayAheadIsWarnedOfOnce() throws Exception {
    try (JdbcLedger ledger = JdbcLedger.over(Databases.newH2())) {
      String log =
          logOf(
              () -> {
                for (int i = 0; i < 2; i++) {
                  ledger
                      .hold(List.of(dayOf(Instant.now().plus(Duration.ofDays(2)))))
                      .toCompletableFuture()
                      .join();
                }
              });

      assertThat(log.lines().filter(line -> line.contains("the clock of the meter is wrong")))
          .hasSize(1);
    }
  }

  private static Hold dayOf(Instant time) {
    Instant start = time.truncatedTo(ChronoUnit.DAYS);
    Account account = new Account("day", Unit.TOKENS, "", start, start.plus(Duration.ofDays(1)));
    return new Hold("a", account, 1, 9, true);
  }
}
