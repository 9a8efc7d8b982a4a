// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.report.progress.ProgressPrinter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the calls of a report come from: a journal, or folders of Bedrock's logs. */
final class ReportSources {
  /** A call begins before its record is written. */
  private static final Duration MARGIN = Duration.ofHours(1);

  @Option(
      names = "--journal",
      paramLabel = "URL",
      defaultValue = "${env:BEDROCK_METER_JOURNAL}",
      description = {
        "The usage journal, jdbc:postgresql: or jdbc:h2:. Default: the environment variable"
            + " BEDROCK_METER_JOURNAL, which keeps passwords out of the list of processes."
      })
  private @Nullable String journal;

  @Option(
      names = "--logs",
      paramLabel = "DIR",
      arity = "1..*",
      description =
          "Folders or files of Bedrock's model invocation logs, instead of a journal; priced from"
              + " their counts.")
  private List<Path> logs = List.of();

  @Option(
      names = "--table-prefix",
      paramLabel = "PREFIX",
      description = "The prefix of the journal's tables. Default: bedrock_meter_.")
  private @Nullable String tablePrefix;

  @Option(names = "--quiet", description = "Print no progress.")
  private boolean quiet;

  @Mixin private PriceSources prices = new PriceSources();

  /** --logs takes every word that follows, and so a misspelt option. */
  void refuseMisspeltOptions(CommandLine command) {
    for (Path folder : logs) {
      if (folder.toString().startsWith("-") && !Files.exists(folder)) {
        throw new Refusals.InOurWords(
            command,
            "Unknown option: '"
                + Escaped.text(folder.toString().split("=", 2)[0], 60)
                + "'; a folder of this name is given as ./"
                + Escaped.text(folder.toString().split("=", 2)[0], 60));
      }
    }
  }

  /** Refuses what cannot be read, before anything is. */
  void check(CommandLine command) {
    refuseMisspeltOptions(command);
    boolean hasJournal = journal != null && !journal.isBlank();
    if (!logs.isEmpty() && hasJournal && !fromEnvironment()) {
      throw new Refusals.InOurWords(
          command, "--journal and --logs are two sources: give one; 'reconcile' compares them");
    }
    if (logs.isEmpty() && !hasJournal) {
      throw new Refusals.InOurWords(
          command, "--journal is missing: add --journal jdbc:postgresql://host/db, or --logs DIR");
    }
    if (!logs.isEmpty()) {
      Ignored.refuse(
          command, "--journal, whose tables have it: leave it out", List.of("--table-prefix"));
    }
    if (logs.isEmpty()) {
      LedgerUrl url = new LedgerUrl(String.valueOf(journal));
      if (!url.isPostgres() && !url.isH2()) {
        throw new Refusals.InOurWords(
            command, "--journal must begin with jdbc:postgresql: or jdbc:h2:, as jdbc:h2:./usage");
      }
    }
  }

  /** Refuses prices for calls that have their own, before anything is read. */
  void refusePricesOfAJournal(CommandLine command) {
    if (logs.isEmpty()) {
      Ignored.refuse(
          command,
          "--logs, whose calls it prices; those of a journal have their prices: leave it out, or"
              + " use 'what-if --prices FILE'",
          List.of("--overlay", "--overrides"));
    }
  }

  /** Whether logs and a journal are given, to be compared. */
  boolean hasBoth() {
    return !logs.isEmpty() && journal != null && !journal.isBlank();
  }

  /**
   * Reads the logs, and the journal's calls of their time, an hour more on both sides.
   *
   * @param from inclusive; null: from the first of the logs
   * @param to exclusive; null: to the last of the logs
   */
  void readBoth(
      FactTables tables,
      @Nullable Instant from,
      @Nullable Instant to,
      Duration timeout,
      CommandLine command) {
    LedgerUrl url = new LedgerUrl(String.valueOf(journal));
    if (!url.isPostgres() && !url.isH2()) {
      throw new Refusals.InOurWords(
          command, "--journal must begin with jdbc:postgresql: or jdbc:h2:, as jdbc:h2:./usage");
    }
    readLogs(tables, command.getErr());
    Rows range =
        tables.ask(
            "SELECT epoch_ms(min(time)) AS first, epoch_ms(max(time)) AS last FROM calls WHERE"
                + " source = 'log'");
    if (range.get(0, "first") == null) {
      throw new CommandFailedException("the logs have no record of a call");
    }
    readJournal(
        tables,
        (from == null ? millis(range, "first") : from).minus(MARGIN),
        (to == null ? millis(range, "last") : to).plus(MARGIN),
        timeout,
        command.getErr());
  }

  private static Instant millis(Rows range, String column) {
    return Instant.ofEpochMilli(
        ((Number) Objects.requireNonNull(range.get(0, column))).longValue());
  }

  private boolean fromEnvironment() {
    return journal != null && journal.equals(System.getenv("BEDROCK_METER_JOURNAL"));
  }

  /**
   * Reads the calls of a time into the tables.
   *
   * @param from inclusive; null: from the first
   * @param to exclusive; null: to the last
   */
  void read(
      FactTables tables,
      @Nullable Instant from,
      @Nullable Instant to,
      Duration timeout,
      PrintWriter err) {
    if (!logs.isEmpty()) {
      readLogs(tables, err);
      return;
    }
    readJournal(tables, from, to, timeout, err);
  }

  private void readJournal(
      FactTables tables,
      @Nullable Instant from,
      @Nullable Instant to,
      Duration timeout,
      PrintWriter err) {
    LedgerUrl url = new LedgerUrl(String.valueOf(journal));
    try (HikariDataSource pool = OpenedLedger.Address.pool("journal", url, timeout)) {
      JournalDatabase database =
          tablePrefix == null ? JournalDatabase.of(pool) : JournalDatabase.of(pool, tablePrefix);
      database.readInto(tables, from, to, progress(err, "calls"));
    } catch (ArithmeticException unfit) {
      throw new CommandFailedException(String.valueOf(unfit.getMessage()), unfit);
    } catch (SQLException failure) {
      throw new CommandFailedException(
          "the journal at " + url.shown() + " cannot be read: " + Causes.of(failure), failure);
    }
  }

  /** What is done with a journal that is open. */
  interface JournalWork<T> {
    T run(DataSource database, String prefix) throws SQLException;
  }

  /** Does something with the journal itself; logs are refused. */
  <T> T withJournal(CommandLine command, Duration timeout, JournalWork<T> work) {
    check(command);
    if (!logs.isEmpty()) {
      throw new Refusals.InOurWords(command, "this command changes a journal: give --journal URL");
    }
    LedgerUrl url = new LedgerUrl(String.valueOf(journal));
    try (HikariDataSource pool = OpenedLedger.Address.pool("journal", url, timeout)) {
      return work.run(pool, tablePrefix == null ? "bedrock_meter_" : tablePrefix);
    } catch (SQLException | IllegalArgumentException failure) {
      throw new CommandFailedException(
          "the journal at " + url.shown() + " cannot be used: " + Causes.of(failure), failure);
    }
  }

  /** The prices that the options name. */
  PriceSources prices() {
    return prices;
  }

  private void readLogs(FactTables tables, PrintWriter err) {
    PriceBook book = prices.catalogue();
    try {
      LogFolder.of(logs).readInto(tables, LogLines.pricedBy(() -> book), progress(err, "MB"));
    } catch (IllegalArgumentException | UncheckedIOException | ArithmeticException failure) {
      throw new CommandFailedException(String.valueOf(failure.getMessage()), failure);
    }
  }

  /** Shows progress of what is worked out, too. */
  void reportTo(FactTables tables, PrintWriter err) {
    if (!quiet) {
      tables.reportTo(progress(err, "rows"));
    }
  }

  private Progress progress(PrintWriter err, String unit) {
    return quiet
        ? Progress.NONE
        : new ProgressPrinter(err, Terminal.isThere(), unit, System::nanoTime);
  }
}
