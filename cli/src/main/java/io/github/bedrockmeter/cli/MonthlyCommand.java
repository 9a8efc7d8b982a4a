// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Period;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what each month cost, by model. */
@Command(
    name = "monthly",
    mixinStandardHelpOptions = true,
    description =
        "Shows what each month cost, by model: short for 'report --period month --by model'.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class MonthlyCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private CommandContext context;
  @Mixin private ReportRun run;

  @Override
  public void run() {
    run.run(
        spec.commandLine(),
        context.clock().instant(),
        List.of(Dimension.of("model")),
        Period.MONTH);
  }
}
