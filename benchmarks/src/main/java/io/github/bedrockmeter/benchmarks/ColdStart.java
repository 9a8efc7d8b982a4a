// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whole processes, one after the other and by turns: a JVM that makes one call through a metered
 * client, beside one that makes it through the SDK's own. Their class path is that of this JVM
 * without the jars that only benchmarks need.
 */
final class ColdStart {
  private static final List<String> NOT_OF_AN_APPLICATION =
      List.of(
          "embedded-", "jmh-", "postgresql", "HikariCP", "lettuce", "bucket4j", "opentelemetry");

  private ColdStart() {}

  /** What one process took. */
  private record Run(double cpuMillis, double wallMillis, double catalogueMillis) {}

  /** Runs so many pairs, after one that is not counted, and prints medians. */
  static void measure(int pairs, PrintStream out) throws Exception {
    List<Run> plain = new ArrayList<>();
    List<Run> metered = new ArrayList<>();
    List<Run> catalogue = new ArrayList<>();
    for (int i = 0; i <= pairs; i++) {
      Run before = run("plain");
      Run after = run("metered");
      Run loading = run("catalogue");
      if (i > 0) {
        plain.add(before);
        metered.add(after);
        catalogue.add(loading);
      }
    }
    List<Double> cpu = new ArrayList<>();
    List<Double> wall = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      cpu.add(metered.get(i).cpuMillis() / plain.get(i).cpuMillis());
      wall.add(metered.get(i).wallMillis() / plain.get(i).wallMillis());
    }
    Lines lines = new Lines(out);
    lines.add(
        "cold JVM, one call: processor time",
        "%.0f ms beside %.0f of the plain SDK, %.2f times",
        "1.15 times",
        Lines.median(metered.stream().map(Run::cpuMillis).toList()),
        Lines.median(plain.stream().map(Run::cpuMillis).toList()),
        Lines.median(cpu));
    lines.add(
        "cold JVM, one call: time",
        "%.0f ms beside %.0f of the plain SDK, %.2f times",
        "1.15 times",
        Lines.median(metered.stream().map(Run::wallMillis).toList()),
        Lines.median(plain.stream().map(Run::wallMillis).toList()),
        Lines.median(wall));
    lines.add(
        "PriceCatalog.bundled(), cold",
        "%.0f ms",
        "60 ms",
        Lines.median(catalogue.stream().map(Run::catalogueMillis).toList()));
  }

  private static Run run(String what) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            ColdCall.class.getName(),
            what);
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " did not end well: " + printed);
    }
    double wall = (System.nanoTime() - start) / 1e6;
    String[] words = printed.split(" ");
    return new Run(Double.parseDouble(words[0]), wall, Double.parseDouble(words[1]));
  }

  /** Each jar by itself: one jar of all would be opened by both processes. */
  private static String classPath() {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      File file = new File(entry).getAbsoluteFile();
      File[] jars = file.isFile() ? new File(file.getParentFile(), "lib").listFiles() : null;
      add(file, entries);
      for (File jar : jars == null ? new File[0] : jars) {
        add(jar, entries);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static void add(File entry, List<String> entries) {
    if (NOT_OF_AN_APPLICATION.stream().noneMatch(entry.getName()::startsWith)) {
      entries.add(entry.getPath());
    }
  }
}
