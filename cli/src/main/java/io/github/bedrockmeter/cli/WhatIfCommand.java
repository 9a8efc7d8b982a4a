// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.report.whatif.Change;
import io.github.bedrockmeter.report.whatif.Grouping;
import io.github.bedrockmeter.report.whatif.WhatIf;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prices the same calls otherwise. */
@Command(
    name = "what-if",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what the same calls would have cost in another tier, of another model, by other prices or"
          + " without a prompt cache. Calls that cannot be priced are listed with the reason."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class WhatIfCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private CallsRead calls;

  @Option(
      names = "--by",
      paramLabel = "COLUMN",
      split = ",",
      defaultValue = "model",
      description =
          "What to group by, as tag:team,model; also region, account, tier, profile, principal,"
              + " operation, day, month. Default: ${DEFAULT-VALUE}.")
  private List<String> by;

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      description = "The tier of every call: standard, flex, priority, batch or latency.")
  private @Nullable String tier;

  @Option(
      names = "--model",
      paramLabel = "OLD=NEW",
      description =
          "Another model instead of one, with the same tokens; may be given again. OLD is an id as it"
              + " was called, or a foundation model, whose calls keep their geography.")
  private Map<String, String> models = Map.of();

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "Prices to lay over the others: a catalogue file, or rates and discounts.")
  private @Nullable Path prices;

  @Option(
      names = "--at",
      paramLabel = "DAY",
      converter = Converters.OfDay.class,
      description = "The day whose prices hold, UTC. Default: each call's own.")
  private @Nullable LocalDate at;

  @Option(names = "--no-cache", description = "Price cached tokens as input.")
  private boolean noCache;

  @Override
  public void run() {
    Grouping grouping = CallsRead.grouping(spec.commandLine(), by);
    PriceCatalog after = calls.sources().prices().with(prices);
    refuseUnknownTier(after);
    Change change = new Change(calls.days().start(), calls.days().end(), tier, models, at, noCache);
    calls.ask(
        spec.commandLine(),
        change.from(),
        change.to(),
        List.of(),
        tables -> {
          MissingNames.mention(tables, by, spec.commandLine().getErr());
          WhatIf whatIf = WhatIf.of(tables, after, change);
          Sheet groups = whatIf.by(grouping);
          calls.write(
              spec.commandLine(), List.of(groups, whatIf.total(), whatIf.leftOut()), groups);
          return groups;
        });
  }

  /** A tier that no price has would leave every call out. */
  private void refuseUnknownTier(PriceCatalog after) {
    List<String> known = after.tiers();
    if (tier != null && !known.contains(tier)) {
      throw new Refusals.InOurWords(
          spec.commandLine(),
          "--tier: tier '%s' is not one this catalogue knows%s"
              .formatted(tier, NearestName.hint(tier, known)));
    }
  }
}
