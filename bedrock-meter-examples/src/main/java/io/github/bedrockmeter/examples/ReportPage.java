// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.output.HtmlPage;
import io.github.bedrockmeter.report.output.Period;
import io.github.bedrockmeter.report.output.ReportRequest;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;

/** How a journal becomes a page; the journal is a file of H2 that is deleted at the end. */
final class ReportPage implements DemoReport {
  private final Path folder;
  private final UsageJournal journal;

  ReportPage() throws IOException {
    folder = Files.createTempDirectory("bedrock-meter-demo-");
    journal =
        UsageJournal.builder(folder.resolve("journal")).closeWithin(Duration.ofMinutes(2)).build();
  }

  @Override
  public MeterListener listener() {
    return journal;
  }

  @Override
  public void write(Path file) {
    journal.close();
    if (journal.pending() > 0) {
      throw new IllegalStateException(journal.pending() + " calls are not in the journal yet");
    }
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:file:" + folder.resolve("journal"));
    database.setUser("sa");
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      JournalDatabase.of(database).readInto(tables, null, null, Progress.NONE);
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try (Writer out = Files.newBufferedWriter(file)) {
        ReportRequest request = ReportRequest.ALL.withPeriod(Period.ALL);
        HtmlPage.write(tables, request, Instant.now(), out);
      }
    } catch (SQLException unreadable) {
      throw new IllegalStateException("the journal cannot be read", unreadable);
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write " + file, failure);
    }
  }

  @Override
  public void close() {
    journal.close();
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path one : all) {
        Files.delete(one);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
