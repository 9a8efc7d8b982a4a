// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks the catalogue's age and that the models in use have a price. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the age of the prices, and which of some models have none.",
      "Fails if the prices are older than --max-age, or a model has no price."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class PricesCheckCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private PriceSources sources;

  @Parameters(arity = "0..*", paramLabel = "MODEL", description = "Models that are in use.")
  private List<String> models = List.of();

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = "A file with a model id on each line.")
  private @Nullable Path file;

  @Option(names = "--region", paramLabel = "REGION", description = "The region that is called.")
  private @Nullable String region;

  @Option(
      names = "--max-age",
      paramLabel = "DAYS",
      defaultValue = "180",
      description = "Default: ${DEFAULT-VALUE}.")
  private long maxAgeDays;

  @Override
  public void run() {
    PriceCatalog prices = sources.catalogue();
    PrintWriter out = spec.commandLine().getOut();
    Instant now = Instant.now();
    long age = Duration.between(prices.asOf(), now).toDays();
    out.printf(
        "prices %s, compared with AWS on %s, %d days ago%n",
        prices.version(), prices.asOf().toString().substring(0, 10), age);
    List<String> unpriced = new ArrayList<>();
    Set<String> inUse = inUse();
    for (String model : inUse) {
      Cost cost =
          prices.costOf(new PriceKey(model, region, PriceKey.STANDARD, now), Usage.ofTokens(1, 1));
      if (cost instanceof Cost.Unknown unknown) {
        unpriced.add(model);
        out.println(Escaped.text(model) + ": " + Escaped.text(unknown.reason(), 1_000));
      }
    }
    if (!inUse.isEmpty()) {
      out.printf("%d of %d models have a price%n", inUse.size() - unpriced.size(), inUse.size());
    }
    out.flush();
    if (!unpriced.isEmpty()) {
      throw new CommandFailedException(unpriced.size() + " models have no price");
    }
    if (age > maxAgeDays) {
      throw new CommandFailedException(
          "the prices are " + age + " days old, more than --max-age " + maxAgeDays);
    }
  }

  private Set<String> inUse() {
    Set<String> all = new LinkedHashSet<>(models);
    if (file != null) {
      try {
        Files.readAllLines(Objects.requireNonNull(file)).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .forEach(all::add);
      } catch (IOException unreadable) {
        throw new CommandFailedException("cannot read --models " + file);
      }
    }
    return all;
  }
}
