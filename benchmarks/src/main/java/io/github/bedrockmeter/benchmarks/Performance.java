// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Prints the table of docs/performance.md: what metering takes, beside what others take in the same
 * run, and what was aimed at. Starts a Redis and a PostgreSQL of its own.
 */
public final class Performance {
  private Performance() {}

  /**
   * Measures.
   *
   * @param args parts to measure: {@code cold}, {@code calls}, {@code parts}, {@code streams},
   *     {@code stores}; all if there are none
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String asked = args.length == 0 ? "cold calls parts streams stores" : String.join(" ", args);
    out.printf(
        "%d processors, a load of %.1f, JDK %s%n%n",
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        System.getProperty("java.version"));
    out.println("| what | now | aim |");
    out.println("|---|---|---|");
    for (String part : asked.split(" ")) {
      switch (part) {
        case "cold" -> ColdStart.measure(7, out);
        case "calls" -> PerCall.measure(30, out);
        case "parts" -> {
          Parts.measure(15, out);
          ManyAccounts.measure(out);
        }
        case "streams" -> StreamEvents.measure(30, out);
        case "stores" -> {
          out.println();
          Scale.measure(Duration.ofSeconds(2), out);
          LedgerThroughput.measure(new LedgerThroughput.Options(3, Duration.ofSeconds(2), 16), out);
          JournalThroughput.measure(20_000, Duration.ofSeconds(2), out);
        }
        default ->
            throw new IllegalArgumentException("cold, calls, parts, streams or stores: " + part);
      }
    }
    out.printf("%n%,d calls were metered in this process%n", Subject.events());
  }
}
