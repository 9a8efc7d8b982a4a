// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.reconcile.Tolerance;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Compares our facts with AWS's. */
@Command(
    name = "reconcile",
    mixinStandardHelpOptions = true,
    description = {
      "With --logs and --journal: compares the meter's calls with AWS's invocation log, one by one:"
          + " calls that only one of them saw, other tokens, tiers, regions and costs.",
      "With --bill: compares the calls of a journal or of invocation logs with AWS's bill, ours beside"
          + " theirs by day, account, region, usage type and application inference profile, with the"
          + " likely cause of each gap."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:they differ within the tolerance",
      "1:it failed; the message explains it in one line",
      "2:its arguments were wrong; nothing was done",
      "3:they differ beyond the tolerance"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ReconcileCommand implements Callable<Integer> {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;
  @Mixin private CallsRead calls;
  @Mixin private LogOptions logs;
  @Mixin private BillOptions bill;

  @Option(
      names = "--tolerance",
      paramLabel = "AMOUNT",
      converter = OfTolerance.class,
      defaultValue = "0.1%",
      description = "What may differ, as 0.1%% of the bill or 5usd. Default: 0.1%%.")
  private Tolerance tolerance;

  /** For picocli. */
  static final class OfTolerance implements ITypeConverter<Tolerance> {
    @Override
    public Tolerance convert(String text) {
      try {
        return Tolerance.parse(text);
      } catch (IllegalArgumentException malformed) {
        throw new TypeConversionException(String.valueOf(malformed.getMessage()));
      }
    }
  }

  @Override
  public Integer call() {
    if (bill.isGiven()) {
      Ignored.refuse(
          spec.commandLine(),
          "a comparison of --logs with --journal: leave it out, or leave --bill out",
          List.of("--settle", "--yes", "--by", "--reason", "--differences", "--top"));
      Ignored.refuseLedger(spec.commandLine(), "leave it out; a bill settles no holds");
      return bill.run(spec.commandLine(), parent, calls, tolerance);
    }
    if (!calls.sources().hasBoth()) {
      throw new Refusals.InOurWords(
          spec.commandLine(),
          "add --logs DIR and --journal URL to compare calls with AWS's log, or --bill cur.csv.gz to"
              + " compare with its bill");
    }
    Ignored.refuse(
        spec.commandLine(),
        "--bill FILE: leave it out; a comparison with --logs writes files with --differences DIR",
        List.of("--format", "--out", "--terms-out", "--net", "--all", "--name", "--account"));
    return logs.run(spec.commandLine(), parent, calls, tolerance);
  }
}
