// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The metrics of calls that ended. Thread-safe. */
final class CallMetrics {
  private final List<String> callTags;
  private final Series<Counter> inputTokens;
  private final Series<Counter> outputTokens;
  private final Series<Counter> cacheReads;
  private final Series<Counter> cacheWrites;
  private final Series<DistributionSummary> inputOfOne;
  private final Series<DistributionSummary> outputOfOne;
  private final @Nullable Series<DistributionSummary> oldTokens;
  private final Series<Timer> duration;
  private final Series<Timer> firstChunk;
  private final Series<Timer> overhead;
  private final Series<Counter> cost;
  private final Series<Counter> units;
  private final Series<Counter> unpriced;
  private final Series<Counter> amendments;
  private final Series<Counter> anomalies;
  private final Series<DistributionSummary> estimateUse;

  /**
   * Metrics of calls.
   *
   * @param callTags names of a call's tags that its cost is split by
   * @param withOldTokens whether the older metric of tokens is kept, too
   */
  CallMetrics(Instruments all, List<String> callTags, boolean withOldTokens) {
    this.callTags = List.copyOf(callTags);
    this.inputTokens =
        all.counter(
            "gen_ai.client.inference.usage.input_tokens",
            "tokens",
            "Input tokens, those read from and written to the cache included");
    this.outputTokens =
        all.counter("gen_ai.client.inference.usage.output_tokens", "tokens", "Output tokens");
    this.cacheReads =
        all.counter(
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "tokens",
            "Input tokens that were read from the prompt cache");
    this.cacheWrites =
        all.counter(
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "tokens",
            "Input tokens that were written to the prompt cache, by its lifetime");
    double[] powersOfFour = new double[14];
    for (int i = 0; i < powersOfFour.length; i++) {
      powersOfFour[i] = 1L << (2 * i);
    }
    this.inputOfOne =
        all.summary(
            "gen_ai.client.inference.operation.input_tokens",
            "tokens",
            "Input tokens of one call, cached ones included",
            powersOfFour);
    this.outputOfOne =
        all.summary(
            "gen_ai.client.inference.operation.output_tokens",
            "tokens",
            "Output tokens of one call",
            powersOfFour);
    this.oldTokens =
        withOldTokens
            ? all.summary(
                "gen_ai.client.token.usage", "tokens", "Tokens of one call, by type", powersOfFour)
            : null;
    this.duration =
        all.timer(
            "gen_ai.client.operation.duration",
            "From before the request was sent until the call ended",
            Instruments.doubling(Duration.ofMillis(10), 14));
    this.firstChunk =
        all.timer(
            "gen_ai.client.operation.time_to_first_chunk",
            "From before the request was sent until the stream's first event",
            Instruments.doubling(Duration.ofMillis(10), 14));
    this.overhead =
        all.timer(
            "bedrock.meter.overhead",
            "What the meter took before sending, waits for the ledger and for room included",
            Instruments.doubling(Duration.ofNanos(10_000), 14));
    this.cost =
        all.counter(
            "bedrock.meter.cost",
            "USD",
            "Cost of calls; of calls without a price the part that is certain",
            callTags);
    this.units =
        all.counter("bedrock.meter.units", null, "What was used of meters that are no tokens");
    this.unpriced =
        all.counter("bedrock.meter.calls.unpriced", null, "Calls whose cost is unknown");
    this.amendments =
        all.counter("bedrock.meter.amendments", null, "Calls that were changed to fit a budget");
    this.anomalies =
        all.counter("bedrock.meter.anomalies", null, "Answers whose counts do not fit");
    this.estimateUse =
        all.summary(
            "bedrock.meter.estimate.use",
            "ratio",
            "Reported tokens as a share of those that were estimated",
            0.1,
            0.25,
            0.5,
            0.75,
            0.9,
            1.0,
            1.5,
            2.0);
  }

  void ended(UsageEvent event) {
    Tags genAi = GenAi.of(event);
    duration
        .of(genAi.and("error.type", errorType(event.outcome())))
        .record(event.elapsedNanos(), TimeUnit.NANOSECONDS);
    overhead.of(Tags.empty()).record(event.overheadNanos(), TimeUnit.NANOSECONDS);
    if (event.stream() != null && event.stream().firstChunkNanos() != null) {
      firstChunk.of(genAi).record(event.stream().firstChunkNanos(), TimeUnit.NANOSECONDS);
    }
    Tags charged = genAi.and("bedrock.meter.charge", lower(event.charge()));
    tokens(event, genAi, charged);
    cost(event, charged);
    for (Amendment amendment : event.call().amendments()) {
      amendments.of(Tags.of("budget", amendment.budget(), "kind", kind(amendment))).increment();
    }
    for (Anomaly anomaly : event.anomalies()) {
      anomalies
          .of(Tags.of("kind", lower(anomaly.kind()), "gen_ai.request.model", model(event)))
          .increment();
    }
  }

  private static String kind(Amendment amendment) {
    if (amendment instanceof Amendment.LoweredOutput) {
      return "lowered_output";
    }
    return amendment instanceof Amendment.OtherModel ? "other_model" : "waited";
  }

  private void tokens(UsageEvent event, Tags genAi, Tags charged) {
    Usage usage = event.usage();
    Map<String, Long> input = new HashMap<>();
    Map<String, Long> output = new HashMap<>();
    input.put("unknown", 0L);
    output.put("unknown", 0L);
    usage.forEach(
        (meter, count) -> {
          if (meter.countsTokens()) {
            (GenAi.isInput(meter) ? input : output).merge(GenAi.modality(meter), count, Long::sum);
            cached(meter.kind(), meter.name(), count, charged);
          } else {
            units
                .of(Tags.of("gen_ai.request.model", model(event), "meter", meter.name()))
                .increment((double) count);
          }
        });
    input.forEach((modality, count) -> add(inputTokens, charged, modality, count));
    output.forEach((modality, count) -> add(outputTokens, charged, modality, count));
    if (event.charge() == Charge.REPORTED) {
      long allInput = sum(input);
      long allOutput = sum(output);
      inputOfOne.of(genAi).record((double) allInput);
      outputOfOne.of(genAi).record((double) allOutput);
      if (oldTokens != null) {
        oldTokens.of(genAi.and("gen_ai.token.type", "input")).record((double) allInput);
        oldTokens.of(genAi.and("gen_ai.token.type", "output")).record((double) allOutput);
      }
      long estimated = event.call().estimate().totalTokens();
      if (estimated > 0) {
        estimateUse
            .of(Tags.of("gen_ai.request.model", model(event)))
            .record((double) usage.totalTokens() / estimated);
      }
    }
  }

  private static void add(Series<Counter> series, Tags tags, String modality, long count) {
    series.of(tags.and("gen_ai.token.modality", modality)).increment((double) count);
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private void cached(String kind, String name, long count, Tags charged) {
    if (kind.equals("cacheRead")) {
      cacheReads.of(charged).increment((double) count);
    } else if (kind.equals("cacheWrite")) {
      cacheWrites
          .of(charged.and("bedrock.meter.cache.lifetime", name.substring(name.indexOf('.') + 1)))
          .increment((double) count);
    }
  }

  private void cost(UsageEvent event, Tags charged) {
    Tags tags = charged;
    for (String name : callTags) {
      tags = tags.and(name, GenAi.present(event.call().tags().get(name)));
    }
    cost.of(tags).increment(event.cost().atLeastUsd().doubleValue());
    if (event.cost() instanceof Cost.Unknown) {
      unpriced.of(Tags.of("gen_ai.request.model", model(event))).increment();
    }
  }

  private static String model(UsageEvent event) {
    return GenAi.present(event.call().requestedModel());
  }

  private static String errorType(CallOutcome outcome) {
    if (outcome instanceof CallOutcome.Failed failed) {
      return failed.error();
    }
    return outcome instanceof CallOutcome.Completed ? GenAi.NONE : lower(outcome.toString());
  }

  private static String lower(Object name) {
    return name.toString().toLowerCase(Locale.ROOT);
  }
}
