// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressPrinterTest {
  private final StringWriter printed = new StringWriter();
  private long now;

  private Progress printer(boolean isTerminal, String unit) {
    return new ProgressPrinter(new PrintWriter(printed), isTerminal, unit, () -> now);
  }

  private void after(Duration time) {
    now += time.toNanos();
  }

  @Test
  void aTerminalHasABarWithRateAndRemainingTimeAfterTwoSeconds() {
    Progress progress = printer(true, "rows");
    progress.begin("reading the journal", 100_000);
    after(Duration.ofMillis(1_900));
    progress.advance(19_000);
    assertThat(printed.toString()).isEmpty();

    after(Duration.ofMillis(100));
    progress.advance(1_000);

    assertThat(printed)
        .hasToString(
            "\rreading the journal: [####----------------] 20 %, 20,000 rows, 10,000/s, 8s left");
  }

  @Test
  void aTerminalIsCleanWhenTheWorkHasEnded() {
    Progress progress = printer(true, "MB");
    progress.begin("reading", 0);
    after(Duration.ofSeconds(3));
    progress.advance(3_000_000);
    String line = "reading: 3.0 MB, 1.0/s";

    progress.end();

    assertThat(printed).hasToString("\r" + line + "\r" + " ".repeat(line.length()) + "\r");
  }

  @Test
  void workWhoseExtentIsUnknownShowsHowLongItTakes() {
    Progress progress = printer(true, "rows");
    progress.begin("computing bill/cells", 0);
    after(Duration.ofSeconds(3));
    progress.advance(0);
    String line = "computing bill/cells: 3s";
    progress.end();
    after(Duration.ofSeconds(3));
    progress.advance(0);

    assertThat(printed).hasToString("\r" + line + "\r" + " ".repeat(line.length()) + "\r");
  }

  @Test
  void elsewhereALineComesEachTenSeconds() {
    Progress progress = printer(false, "MB");
    progress.begin("reading 2 log files", 7_200_000_000L);
    for (int i = 0; i < 25; i++) {
      after(Duration.ofSeconds(1));
      progress.advance(1_000_000);
    }
    progress.end();

    assertThat(printed.toString().lines())
        .containsExactly(
            "reading 2 log files: 0 %, 10.0 MB, 1.0/s, 1h 59m left",
            "reading 2 log files: 0 %, 20.0 MB, 1.0/s, 1h 59m left");
  }

  @Test
  void shortWorkPrintsNothing() {
    for (boolean isTerminal : new boolean[] {true, false}) {
      Progress progress = printer(isTerminal, "rows");
      progress.begin("reading", 10);
      after(Duration.ofSeconds(1));
      progress.advance(10);
      progress.end();
    }

    assertThat(printed.toString()).isEmpty();
  }
}
