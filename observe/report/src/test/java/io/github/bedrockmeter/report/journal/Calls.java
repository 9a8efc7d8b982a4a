// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.journal;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Events as a meter reports them, made by hand. */
public final class Calls {
  private static final Instant START = Instant.parse("2026-10-31T23:59:58.123456Z");
  private static final List<String> MODELS =
      List.of(
          "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
          "amazon.nova-lite-v1:0",
          "eu.anthropic.claude-haiku-4-5-20251001-v1:0");

  private Calls() {}

  /** A call of its own model, counts, tags and time; priced by the catalogue. */
  public static UsageEvent completed(int number) {
    Usage usage =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1_000 + number)
            .count(Meter.OUTPUT, 7L * number)
            .count(Meter.CACHE_READ, number % 3)
            .build();
    MeteredCall call = call(number);
    return event(
        call,
        new CallOutcome.Completed(),
        usage,
        PriceCatalog.bundled().costOf(call.pricing(), usage),
        List.of());
  }

  /** A call that has no price. */
  public static UsageEvent unpriced(int number) {
    return event(
        call(number),
        new CallOutcome.Failed("ThrottlingException", 429, "r-" + number),
        Usage.ofTokens(5, 5),
        new Cost.Unknown("no price for it"),
        List.of(new Anomaly(Anomaly.Kind.USAGE_MISSING, "no usage was reported")));
  }

  public static MeteredCall call(int number) {
    Usage estimate = Usage.builder(Source.ESTIMATED).count(Meter.INPUT, 400).build();
    PriceKey pricing =
        new PriceKey(
            MODELS.get(number % MODELS.size()),
            number % 3 == 2 ? "eu-central-1" : "us-east-1",
            PriceKey.STANDARD,
            START.plus(Duration.ofMinutes(number)));
    return new MeteredCall(
        "call-" + number,
        number % 2 == 0 ? "Converse" : "converseStream",
        "my-name",
        pricing,
        number % 5 == 0 ? Tags.none() : Tags.of("team", "team-" + number % 4, "env", "prod"),
        estimate,
        estimate,
        PriceCatalog.bundled().costOf(pricing, estimate),
        List.of());
  }

  private static UsageEvent event(
      MeteredCall call, CallOutcome outcome, Usage usage, Cost cost, List<Anomaly> anomalies) {
    return new UsageEvent(
        call,
        outcome,
        Charge.REPORTED,
        Sent.SEEN,
        usage,
        cost,
        "request-of-" + call.id(),
        null,
        1_500_000_000L,
        50_000,
        null,
        new AttemptFacts(1, 0),
        anomalies);
  }
}
