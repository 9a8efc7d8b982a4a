// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.pricing.CatalogDiff;
import io.github.bedrockmeter.pricing.CatalogDiff.Change;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares two catalogues. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Lists what changed from one catalogue file to another, by model and per cent.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class PricesDiffCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "OLD", description = "A catalogue or overlay file.")
  private Path old;

  @Parameters(index = "1", paramLabel = "NEW", description = "The file to compare it with.")
  private Path now;

  @Override
  public void run() {
    List<Change> changes = PriceSources.read(() -> CatalogDiff.between(old, now));
    PrintWriter out = spec.commandLine().getOut();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MODEL", "PLACE", "METER", "PER", "OLD", "NEW", "CHANGE"));
    int added = 0;
    int removed = 0;
    for (Change change : changes) {
      added += change.before() == null ? 1 : 0;
      removed += change.after() == null ? 1 : 0;
      rows.add(
          List.of(
              change.model(),
              change.place(),
              change.meter().name(),
              change.meter().countsTokens() ? "1M" : "1",
              text(change, change.before()),
              text(change, change.after()),
              perCent(change.perCent())));
    }
    if (!changes.isEmpty()) {
      Texts.table(out, rows);
    }
    out.printf(
        "%d changed, %d added, %d removed%n", changes.size() - added - removed, added, removed);
  }

  private static String text(Change change, @Nullable BigDecimal usd) {
    return usd == null
        ? "-"
        : usd.movePointRight(change.meter().countsTokens() ? 6 : 0)
            .stripTrailingZeros()
            .toPlainString();
  }

  private static String perCent(@Nullable BigDecimal change) {
    return change == null ? "" : (change.signum() > 0 ? "+" : "") + change.toPlainString() + " %";
  }
}
