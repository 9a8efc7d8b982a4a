// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.scene.ThisProcess;
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
              .readInto(
                  tables, LogLines.pricedBy(PriceSource.catalog()), ThisProcess.progress("MB"));
      long logs = System.nanoTime();
      long calls =
          JournalDatabase.of(journal).readInto(tables, null, null, ThisProcess.progress("rows"));
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
          files,
          millis(logs - began),
          calls,
          millis(read - logs),
          millis(end - read),
          ThisProcess.peakMemory());
    }
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
