// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Period;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what was spent. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what was spent, by whom and on what, from a journal or from Bedrock's logs.",
      "Amounts are exact US dollars at the meter's prices. A call without a price is counted beside"
          + " them, never as zero."
    },
    footer = {
      "",
      "Examples:",
      "  bedrock-meter report --journal jdbc:h2:./usage --by tag:costCenter,model --from 2026-10"
          + " --to 2026-10",
      "  bedrock-meter report --logs s3-copy/ --by principal --top 20",
      "  bedrock-meter report --journal jdbc:h2:./usage --out october.html --from 2026-10 --to"
          + " 2026-10"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ReportCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private CommandContext context;
  @Mixin private ReportRun run;

  @Option(
      names = "--by",
      paramLabel = "DIMENSION",
      split = ",",
      converter = ReportOptions.OfDimension.class,
      description =
          "What rows are grouped by, as tag:costCenter,model: model, operation, account, region,"
              + " principal, profile, tier, outcome, tag:NAME. Calls without a tag are '(none)'.")
  private List<Dimension> by = List.of();

  @Option(
      names = "--period",
      paramLabel = "PERIOD",
      converter = ReportOptions.OfPeriod.class,
      description =
          "hour, day, month or all. Default: month; focus: day; the page chooses one that fits.")
  private @Nullable Period period;

  @Override
  public void run() {
    run.run(spec.commandLine(), context.clock().instant(), by, period);
  }
}
