// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Period;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what each session cost. */
@Command(
    name = "session",
    mixinStandardHelpOptions = true,
    description =
        "Shows what each session cost: short for 'report --period all --by tag:session', the most"
            + " expensive first.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class SessionCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private CommandContext context;
  @Mixin private ReportRun run;

  @Option(
      names = "--tag",
      paramLabel = "NAME",
      defaultValue = "session",
      description = "The tag that names a session. Default: ${DEFAULT-VALUE}.")
  private String tag;

  @Override
  public void run() {
    run.run(
        spec.commandLine(),
        context.clock().instant(),
        List.of(new Dimension(Dimension.Kind.TAG, tag)),
        Period.ALL);
  }
}
