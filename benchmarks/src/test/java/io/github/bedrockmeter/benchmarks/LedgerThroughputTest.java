// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LedgerThroughputTest {
  @Test
  void oneRunMeasuresEveryLedgerAndTheBareLoop() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();

    LedgerThroughput.measure(
        new LedgerThroughput.Options(1, Duration.ofMillis(200), 4),
        new PrintStream(printed, true, StandardCharsets.UTF_8));

    String figures = "[1-9][0-9,]* holds/s, p99 of a hold +[0-9,.]+ us";
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).matches("bare Lettuce loop +" + figures),
            line -> assertThat(line).matches("Redis per call +" + figures),
            line -> assertThat(line).matches("leased over Redis +" + figures),
            line -> assertThat(line).matches("in memory +" + figures),
            line -> assertThat(line).startsWith("a bare Lettuce loop grants "),
            line -> assertThat(line).startsWith("leased over Redis grants "));
  }

  @Test
  void anUnknownOptionIsRefusedWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerThroughput.Options.of("--minutes=5"))
        .withMessage(
            "unknown option --minutes=5; the options are --rounds=5, --turn=PT2S, --threads=16");
  }
}
