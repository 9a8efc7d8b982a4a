// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JournalThroughputTest {
  @Test
  void oneRunMeasuresBothWaysAndBothIntervals() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();

    JournalThroughput.measure(
        1_000, Duration.ofMillis(200), new PrintStream(printed, true, StandardCharsets.UTF_8));

    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).matches("journal into PostgreSQL +[1-9][0-9,]* calls/s"),
            line -> assertThat(line).matches("batched insert +[1-9][0-9,]* calls/s, [0-9.]+ times"),
            line ->
                assertThat(line)
                    .matches("accepted, interval PT0S +[1-9][0-9,]* events/s, 4 threads"),
            line ->
                assertThat(line)
                    .matches("accepted, interval PT0.2S +[1-9][0-9,]* events/s, 4 threads"));
  }
}
