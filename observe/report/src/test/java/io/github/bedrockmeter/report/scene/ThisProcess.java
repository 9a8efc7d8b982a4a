// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.scene;

import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.report.progress.ProgressPrinter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process that a test starts, to measure it, says of itself. */
public final class ThisProcess {
  private ThisProcess() {}

  /** The most memory the process had, as Linux says. */
  public static String peakMemory() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        ? Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .map(line -> line.replaceAll("\\s+", " "))
            .findFirst()
            .orElse("VmHWM: unknown")
        : "VmHWM: unknown";
  }

  /** Lines for who waits for a million, every ten seconds. */
  public static Progress progress(String unit) {
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new ProgressPrinter(err, false, unit, System::nanoTime);
  }
}
