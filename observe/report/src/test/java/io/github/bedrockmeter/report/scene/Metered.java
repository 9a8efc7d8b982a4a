// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.scene;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Details;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import io.github.bedrockmeter.report.facts.CallFacts.Origin;
import io.github.bedrockmeter.report.facts.CallFacts.Outcome;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A call that was metered: of a journal, unless it says otherwise. Immutable. */
public record Metered(
    String modelId,
    String region,
    Instant at,
    String tier,
    String outcome,
    Map<Meter, Long> counts,
    Map<String, String> tags) {

  /** An ordinary call of us-east-1. */
  public static Metered call(String modelId, String at) {
    return new Metered(
        modelId, "us-east-1", Instant.parse(at), "standard", "completed", Map.of(), Map.of());
  }

  public Metered in(String other) {
    return new Metered(modelId, other, at, tier, outcome, counts, tags);
  }

  public Metered tier(String other) {
    return new Metered(modelId, region, at, other, outcome, counts, tags);
  }

  public Metered outcome(String other) {
    return new Metered(modelId, region, at, tier, other, counts, tags);
  }

  public Metered with(Meter meter, long count) {
    Map<Meter, Long> more = new HashMap<>(counts);
    more.put(meter, count);
    return new Metered(modelId, region, at, tier, outcome, Map.copyOf(more), tags);
  }

  public Metered tokens(long input, long output) {
    return with(Meter.INPUT, input).with(Meter.OUTPUT, output);
  }

  public Metered tag(String name, String value) {
    Map<String, String> more = new HashMap<>(tags);
    more.put(name, value);
    return new Metered(modelId, region, at, tier, outcome, counts, Map.copyOf(more));
  }

  public Usage usage() {
    Usage.Builder usage = Usage.builder(Usage.Source.BODY);
    counts.forEach(usage::count);
    return usage.build();
  }

  public Cost cost(PriceBook prices) {
    return prices.costOf(new PriceKey(modelId, region, tier, at), usage());
  }

  /** This call as a journal has it. */
  public CallFacts facts(PriceBook prices) {
    Usage usage = usage();
    Cost cost = cost(prices);
    ModelId id = ModelId.of(modelId);
    return new CallFacts(
        new Origin(Origin.JOURNAL, null, null),
        new Identity(
            "r-" + UUID.randomUUID(), UUID.randomUUID().toString(), at, null, region, null, null),
        new Model(
            "Converse",
            modelId,
            modelId,
            id.isOpaque() ? null : id.baseId(),
            id.geography(),
            id.kind() == ModelId.Kind.APPLICATION_PROFILE ? modelId : null,
            null,
            tier),
        new Outcome(outcome, null, null, null, null, "SEEN", "REPORTED", 1),
        new Counts(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.cacheReadTokens(),
            usage.cacheWriteTokens(),
            usage.totalTokens(),
            "BODY"),
        new Money(
            cost.usd().orElse(null),
            cost.atLeastUsd(),
            cost instanceof Cost.Unknown unknown ? unknown.reason() : null,
            cost instanceof Cost.Known known ? known.book() : null,
            null,
            null,
            null),
        null,
        new Details(charges(usage, cost), tags));
  }

  private static List<Charge> charges(Usage usage, Cost cost) {
    Map<Meter, Cost.Line> priced = new HashMap<>();
    if (cost instanceof Cost.Known known) {
      known.lines().forEach(line -> priced.put(line.meter(), line));
    }
    List<Charge> charges = new ArrayList<>();
    usage.forEach(
        (meter, count) -> {
          Cost.Line line = priced.get(meter);
          charges.add(
              line == null
                  ? new Charge(meter.name(), count, "BODY", null, null, null, null, null)
                  : new Charge(
                      meter.name(),
                      count,
                      "BODY",
                      line.usd(),
                      line.rate().usd(),
                      line.rate().per(),
                      "",
                      line.rate().source()));
        });
    return charges;
  }
}
