// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes the series of each metric in one registry. Thread-safe. */
final class Instruments {
  /** Names of our own tags, which have few values whatever callers send. */
  private static final Set<String> FIXED =
      Set.of(
          "gen_ai.operation.name",
          "gen_ai.provider.name",
          "gen_ai.token.modality",
          "gen_ai.token.type",
          "bedrock.meter.charge",
          "bedrock.meter.cache.lifetime",
          "kind",
          "enforced",
          "operation",
          "outcome");

  private final MeterRegistry registry;
  private final int mostSeries;
  private final Counter folded;

  Instruments(MeterRegistry registry, int mostSeries) {
    this.registry = registry;
    this.mostSeries = mostSeries;
    this.folded =
        Counter.builder("bedrock.meter.series.folded")
            .description("Updates whose tags were folded, since a metric had its most series")
            .register(registry);
    folded.increment(0); // some registries export a counter only once it was used
  }

  Series<Counter> counter(String name, @Nullable String unit, String description) {
    return counter(name, unit, description, List.of());
  }

  /**
   * A counter.
   *
   * @param declared names of its tags that users chose, and whose values come from callers
   */
  Series<Counter> counter(
      String name, @Nullable String unit, String description, List<String> declared) {
    Set<String> fixed = new HashSet<>(FIXED);
    declared.forEach(fixed::remove);
    return new Series<>(
        mostSeries,
        Set.copyOf(fixed),
        tags ->
            Counter.builder(name)
                .baseUnit(unit)
                .description(description)
                .tags(tags)
                .register(registry),
        folded);
  }

  Series<DistributionSummary> summary(
      String name, String unit, String description, double... buckets) {
    return new Series<>(
        mostSeries,
        FIXED,
        tags ->
            DistributionSummary.builder(name)
                .baseUnit(unit)
                .description(description)
                .serviceLevelObjectives(buckets)
                .tags(tags)
                .register(registry),
        folded);
  }

  Series<Timer> timer(String name, String description, Duration... buckets) {
    return new Series<>(
        mostSeries,
        FIXED,
        tags ->
            Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(buckets)
                .tags(tags)
                .register(registry),
        folded);
  }

  /** A first value and its doubles, as many as asked for. */
  static Duration[] doubling(Duration first, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> first.multipliedBy(1L << i))
        .toArray(Duration[]::new);
  }
}
