// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.report.whatif.CacheValue;
import io.github.bedrockmeter.report.whatif.Change;
import io.github.bedrockmeter.report.whatif.Grouping;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what prompt caches saved and wasted. */
@Command(
    name = "cache",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what prompt caches saved by reads and wasted by writes that no call read, with advice on"
          + " their lifetime."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class CacheCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private CallsRead calls;

  @Option(
      names = "--by",
      paramLabel = "COLUMN",
      split = ",",
      defaultValue = "model",
      description = "What to group by, as model,tag:team. Default: ${DEFAULT-VALUE}.")
  private List<String> by;

  @Override
  public void run() {
    Grouping grouping = CallsRead.grouping(spec.commandLine(), by);
    Change within = Change.NONE.within(calls.days().start(), calls.days().end());
    calls.ask(
        spec.commandLine(),
        within.from(),
        within.to(),
        List.of(),
        tables -> {
          MissingNames.mention(tables, by, spec.commandLine().getErr());
          Sheet caches =
              CacheValue.of(tables, calls.sources().prices().catalogue(), within).by(grouping);
          calls.write(spec.commandLine(), List.of(caches), caches);
          return caches;
        });
  }
}
