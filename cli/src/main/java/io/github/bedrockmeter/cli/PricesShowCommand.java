// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.PriceQuery;
import io.github.bedrockmeter.pricing.RateAnswer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the rates of one model. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows the rates of a model, how each was found and where it comes from.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class PricesShowCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private PriceSources sources;

  @Parameters(paramLabel = "MODEL", description = "A model id, a profile id or an ARN.")
  private String model;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "The region that is called, as eu-west-1. Default: none, the baseline.")
  private @Nullable String region;

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      defaultValue = "standard",
      description = "standard, flex, priority, batch or latency. Default: ${DEFAULT-VALUE}.")
  private String tier;

  @Option(
      names = "--at",
      paramLabel = "DAY",
      description = "The day of the call, as 2026-10-08. Default: today.")
  private @Nullable LocalDate at;

  @Option(
      names = "--input-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "The input tokens of the request, which choose its context band. Default: 0.")
  private long inputTokens;

  @Override
  public void run() {
    PriceCatalog prices = sources.catalogue();
    Instant instant = at == null ? Instant.now() : at.atStartOfDay(ZoneOffset.UTC).toInstant();
    RateAnswer answer =
        prices.ratesOf(PriceQuery.of(new PriceKey(model, region, tier, instant), inputTokens));
    if (answer instanceof RateAnswer.Missing missing) {
      throw new CommandFailedException(Escaped.text(missing.reason(), 1_000));
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("METER", "USD", "PER", "BASIS", "SOURCE"));
    ((RateAnswer.Found) answer)
        .rates().all().values().stream()
            .filter(rate -> !rate.meter().kind().equals("guardrailUnits"))
            .sorted(Comparator.comparing(rate -> rate.meter().name()))
            .forEach(rate -> rows.add(row(rate)));
    spec.commandLine().getOut().println(prices.modelOf(model).orElse(Escaped.text(model)));
    Texts.table(spec.commandLine().getOut(), rows);
  }

  private static List<String> row(Rate rate) {
    String basis =
        rate.basis().isEmpty()
            ? "exact"
            : String.join(" ", rate.basis().stream().map(Enum::name).sorted().toList());
    return List.of(
        rate.meter().name(),
        rate.usd().toPlainString(),
        Long.toString(rate.per()),
        basis,
        rate.source());
  }
}
