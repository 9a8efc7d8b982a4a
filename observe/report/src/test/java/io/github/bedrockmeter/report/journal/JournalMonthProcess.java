// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Period;
import io.github.bedrockmeter.report.output.Report;
import io.github.bedrockmeter.report.output.ReportRequest;
import io.github.bedrockmeter.report.output.TextFormats;
import io.github.bedrockmeter.report.scene.ThisProcess;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** A process of its own that makes a monthly report of a journal, so that its memory is its own. */
final class JournalMonthProcess {
  private JournalMonthProcess() {}

  /** Arguments: the URL of the journal. Prints the report as CSV, then what it took. */
  public static void main(String[] args) throws Exception {
    PGSimpleDataSource journal = new PGSimpleDataSource();
    journal.setUrl(args[0]);
    ReportRequest request =
        new ReportRequest(
            List.of(Dimension.of("model"), Dimension.of("tag:team")),
            Period.MONTH,
            null,
            null,
            List.of(),
            0,
            ZoneOffset.UTC,
            false);
    long began = System.nanoTime();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      long calls =
          JournalDatabase.of(journal).readInto(tables, null, null, ThisProcess.progress("rows"));
      long read = System.nanoTime();
      try (Report report = Report.over(tables, request)) {
        TextFormats.csv(report.table(), new PrintWriter(System.out, true, StandardCharsets.UTF_8));
      }
      long end = System.nanoTime();
      System.out.printf(
          "%d calls of a journal in %d ms, %d a second; the monthly report in %d ms; heap %d MB, %s%n",
          calls,
          TimeUnit.NANOSECONDS.toMillis(read - began),
          calls * 1_000_000_000L / Math.max(1, read - began),
          TimeUnit.NANOSECONDS.toMillis(end - read),
          Runtime.getRuntime().maxMemory() >> 20,
          ThisProcess.peakMemory());
    }
  }
}
