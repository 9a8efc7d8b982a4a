// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** Events, made by hand or by calls to a client with canned answers. */
final class Events {
  static final Rates RATES =
      Rates.builder("test")
          .perMillion(Meter.INPUT, "3.30")
          .perMillion(Meter.OUTPUT, "16.50")
          .build();

  private Events() {}

  /** A client whose calls are reported to a listener. */
  static BedrockRuntimeClient meteredClient(MeterListener listener) {
    return BedrockMeter.builder()
        .prices(PriceBook.of(Map.of("a-model", RATES)))
        .listener(listener)
        .build()
        .wrap(CannedBedrock.client());
  }

  /** A call that reported 100 and 20 tokens. */
  static UsageEvent event(String id) {
    return event(id, "us-east-1", "search");
  }

  static UsageEvent event(String id, String region, String team) {
    Usage usage = Usage.ofTokens(100, 20);
    return new UsageEvent(
        call(id, region, team),
        new CallOutcome.Completed(),
        Charge.REPORTED,
        Sent.SEEN,
        usage,
        RATES.costOf(usage),
        "request-of-" + id,
        null,
        1_500_000_000L,
        50_000,
        null,
        new AttemptFacts(3, 1),
        List.of());
  }

  static MeteredCall call(String id, String region, String team) {
    Usage estimate = Usage.builder(Source.ESTIMATED).count(Meter.INPUT, 400).build();
    return new MeteredCall(
        id,
        "Converse",
        "my-name",
        new PriceKey("a-model", region, PriceKey.STANDARD, Instant.parse("2026-11-23T10:15:30.5Z")),
        Tags.of("team", team, "env", "prod"),
        Usage.builder(Source.ESTIMATED).count(Meter.INPUT, 900).build(),
        estimate,
        RATES.costOf(estimate),
        List.of(new Amendment.Waited("all", Duration.ofMillis(250))));
  }

  /** A stream that broke off and could not be priced. */
  static UsageEvent unpricedStream(String id) {
    Usage usage = Usage.builder(Source.ESTIMATED).count(Meter.SEARCH_UNITS, 3).build();
    return new UsageEvent(
        call(id, "us-east-1", "search"),
        new CallOutcome.Failed("ThrottlingException", 429, "r-9"),
        Charge.ESTIMATED,
        Sent.INFERRED,
        usage,
        new Cost.Unknown("no price for searchUnits"),
        "r-9",
        "another-model",
        7,
        3,
        new StreamFacts(2, 1, null, AbandonedStreams.HOLD_WORST_CASE),
        null,
        List.of(new Anomaly(Anomaly.Kind.USAGE_MISSING, "no usage was reported")));
  }
}
