// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLoadTest {
  @TempDir Path folder;

  @Test
  void bothAreMeasuredAndPrinted() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();

    long percent =
        LogLoad.measure(folder, 800, 1, new PrintStream(printed, true, StandardCharsets.UTF_8));

    assertThat(percent).isPositive();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("800 lines: the engine alone ");
  }
}
