// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an answer leaves open about its cached tokens, decided by the request and the meter's
 * settings. Immutable and thread-safe.
 *
 * @param inputIncludes by provider, whether the input of Converse includes cached tokens; without
 *     an entry an answer that leaves it open is charged as it is reported
 */
record CacheCounts(Map<String, Boolean> inputIncludes) {

  Reading settled(Reading reading, Asked asked) {
    Usage usage = reading.usage();
    return usage == null || usage.totalInputTokens() == usage.inputTokens()
        ? reading
        : withLifetimes(disjoint(reading, usage, asked), asked);
  }

  /** Takes cached tokens out of the input, if the operator has said that it includes them. */
  private Reading disjoint(Reading reading, Usage usage, Asked asked) {
    Boolean includes = inputIncludes.isEmpty() ? null : setting(reading, asked);
    if (includes == null) {
      return reading;
    }
    List<Anomaly> others = new ArrayList<>(reading.anomalies());
    others.removeIf(known -> known.kind() == Anomaly.Kind.INPUT_MAY_INCLUDE_CACHE);
    long cached = usage.totalInputTokens() - usage.inputTokens();
    boolean isOpen = others.size() < reading.anomalies().size();
    Usage settled =
        includes && isOpen ? usage.with(Meter.INPUT, usage.inputTokens() - cached) : usage;
    return new Reading(settled, reading.missing(), reading.tier(), reading.answeredBy(), others);
  }

  private @Nullable Boolean setting(Reading reading, Asked asked) {
    boolean isConverse =
        asked.operation() == Operation.CONVERSE || asked.operation() == Operation.CONVERSE_STREAM;
    String model = reading.answeredBy() == null ? asked.modelId() : reading.answeredBy();
    String provider = isConverse ? ModelId.of(model).provider() : null;
    return provider == null ? null : inputIncludes.get(provider);
  }

  /** Writes of a lifetime that is not stated were for the longest that the request asks for. */
  private static Reading withLifetimes(Reading reading, Asked asked) {
    Usage usage = reading.usage();
    if (usage == null || reading.statesLifetimes()) {
      return reading;
    }
    Meter asksFor = asked.cacheWrite();
    long written = usage.cacheWrite5mTokens();
    if (asksFor == null || asksFor.equals(Meter.CACHE_WRITE_5M)) {
      return reading.with(settled(usage, Meter.CACHE_WRITE_5M), null);
    }
    Usage moved = settled(usage, asksFor);
    return reading.with(
        moved,
        asksFor.equals(Meter.CACHE_WRITE_30M)
            ? null
            : new Anomaly(
                Anomaly.Kind.UPPER_BOUND_COUNTED,
                written + " cache writes of a lifetime that is not stated, counted as " + asksFor));
  }

  /** The usage with what was written for five minutes as this meter's, resting on nothing. */
  private static Usage settled(Usage usage, Meter lifetime) {
    Usage.Builder builder = Usage.builder(Usage.Source.BODY);
    usage.forEach(
        (meter, count) -> {
          if (!meter.equals(Meter.CACHE_WRITE_5M)) {
            builder.count(meter, count, usage.sources().of(meter));
          }
        });
    return builder
        .count(
            lifetime,
            Math.addExact(
                usage.cacheWrite5mTokens(),
                lifetime.equals(Meter.CACHE_WRITE_5M) ? 0 : usage.count(lifetime)),
            usage.sources().of(Meter.CACHE_WRITE_5M))
        .build();
  }
}
