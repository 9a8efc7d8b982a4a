// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.lake.ParquetFacts;
import io.github.bedrockmeter.report.lake.Partition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Writes each call's facts for a data lake. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a row for each call, of a journal or of Bedrock's logs, as partitioned Parquet, for"
          + " Athena, Spark and other engines.",
      "Amounts are exact US dollars, DECIMAL(38, 18). No text of a prompt or an answer is written."
    },
    footer = {
      "",
      "Examples:",
      "  bedrock-meter export --logs s3-copy/ --out lake",
      "  bedrock-meter export --journal jdbc:h2:./usage --from 2026-10 --to 2026-10 --out journal"
          + " --partition-by month"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ExportCommand implements Runnable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  @Spec private CommandSpec spec;
  @Mixin private ReportSources sources = new ReportSources();
  @Mixin private DayRange days = new DayRange();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write into, new or empty.")
  private Path out;

  @Option(
      names = "--partition-by",
      paramLabel = "PART",
      split = ",",
      defaultValue = "day,account",
      converter = OfPartition.class,
      description =
          "The folders that rows are divided into, the outermost first: day, month, account."
              + " Default: ${DEFAULT-VALUE}.")
  private List<Partition> by;

  @Override
  public void run() {
    Ignored.refuseLedger(
        spec.commandLine(), "leave it out; calls are read from --journal or --logs");
    sources.check(spec.commandLine());
    sources.refusePricesOfAJournal(spec.commandLine());
    days.check(spec.commandLine());
    if (by.stream().distinct().count() < by.size()) {
      throw new Refusals.InOurWords(
          spec.commandLine(),
          "--partition-by names one thing twice: give each once, as day,account");
    }
    Failures.named(
        () -> {
          write();
          return null;
        });
  }

  private void write() {
    try {
      ParquetFacts.prepare(out);
    } catch (IllegalArgumentException notNew) {
      throw new Refusals.InOurWords(
          spec.commandLine(), "--out " + Escaped.text(String.valueOf(notNew.getMessage())));
    }
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(out))) {
      sources.reportTo(tables, spec.commandLine().getErr());
      sources.read(tables, days.start(), days.end(), CONNECT, spec.commandLine().getErr());
      ParquetFacts.Written written = ParquetFacts.write(tables, out, by, days.start(), days.end());
      Texts.line(
          spec.commandLine().getOut(),
          "%d %s in %s; %d %s no call"
              .formatted(
                  written.calls(),
                  written.calls() == 1 ? "call" : "calls",
                  Escaped.text(out.toString()),
                  written.skipped(),
                  written.skipped() == 1 ? "thing was" : "things were"));
      Failures.check(spec.commandLine().getOut(), null);
    }
  }

  /** Reads {@code day}. */
  static final class OfPartition implements ITypeConverter<Partition> {
    @Override
    public Partition convert(String text) {
      try {
        return Partition.of(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException(String.valueOf(wrong.getMessage()));
      }
    }
  }
}
