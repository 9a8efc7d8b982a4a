// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.report.progress.ProgressPrinter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;

/** A process of its own that reconciles a month, so that its memory can be measured. */
final class MonthProcess {
  private MonthProcess() {}

  /** Arguments: the folder of logs, the journal's file, the folder to write into. */
  public static void main(String[] args) throws Exception {
    JdbcDataSource journal = new JdbcDataSource();
    journal.setURL(MonthJournal.url(Path.of(args[1])));
    journal.setUser("sa");
    long began = System.nanoTime();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      int files =
          LogFolder.of(List.of(Path.of(args[0])))
              .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), progress("MB"));
      long logs = System.nanoTime();
      long calls = JournalDatabase.of(journal).readInto(tables, null, null, progress("rows"));
      long read = System.nanoTime();
      LogReconciliation done = LogReconciliation.of(tables, null, null);
      done.writeTo(Path.of(args[2]));
      long end = System.nanoTime();
      System.out.println(done.totals());
      done.kinds().forEach(System.out::println);
      System.out.println(done.skipped().rows());
      System.out.println(done.unmetered(5).rows());
      System.out.printf(
          "%d log files in %d ms, %d journal rows in %d ms, reconciled in %d ms, %s%n",
          files, millis(logs - began), calls, millis(read - logs), millis(end - read), memory());
    }
  }

  /** Lines for who waits for a million, every ten seconds. */
  static Progress progress(String unit) {
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new ProgressPrinter(err, false, unit, System::nanoTime);
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** The most memory the process had, as Linux says. */
  private static String memory() throws Exception {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        ? Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .map(line -> line.replaceAll("\\s+", " "))
            .findFirst()
            .orElse("VmHWM: unknown")
        : "VmHWM: unknown";
  }
}
