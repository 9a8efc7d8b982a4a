// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.reprice.Author;
import io.github.bedrockmeter.report.reprice.JournalRepricing;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Gives calls without a price one. */
@Command(
    name = "reprice",
    mixinStandardHelpOptions = true,
    description = {
      "Gives the calls of a journal that had no price one, and keeps what was stored before, with who"
          + " did it, when and why. Without --yes it only prints what it would do. Ledgers stay as they"
          + " are."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class RepriceCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;
  @Mixin private CallsRead calls;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "REASON",
      description = "The reason; kept with every call that is changed.")
  private String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who does it; kept with the reason. Default: this system's user.")
  private @Nullable String by;

  @Option(names = "--yes", description = "Make the change.")
  private boolean yes;

  @Override
  public void run() {
    String author = Texts.correction(spec.commandLine(), by, reason).by();
    Instant from = calls.days().start();
    Instant to = calls.days().end();
    JournalRepricing.Result result =
        calls.withJournal(
            spec.commandLine(),
            (database, prefix) -> {
              JournalRepricing repricing =
                  JournalRepricing.of(database, prefix, calls.sources().prices().catalogue());
              return yes
                  ? repricing.apply(from, to, new Author(author, reason, parent.clock().instant()))
                  : repricing.preview(from, to);
            });
    calls.write(spec.commandLine(), List.of(result.priced(), result.left()), result.priced());
    if (!yes) {
      spec.commandLine().getErr().println("nothing was written; add --yes to write it");
    }
  }
}
