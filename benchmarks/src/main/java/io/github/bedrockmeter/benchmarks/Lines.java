// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import java.io.PrintStream;
import java.util.Collection;
import java.util.Locale;

/** Prints the rows of the table in docs/performance.md. Stateless but for where it prints. */
record Lines(PrintStream out) {

  /**
   * One row.
   *
   * @param now a format for the figures
   * @param aim what they should be at most
   */
  void add(String work, String now, String aim, Object... figures) {
    out.printf("| %s | %s | %s |%n", work, String.format(Locale.ROOT, now, figures), aim);
  }

  static double median(Collection<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
