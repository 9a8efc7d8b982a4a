// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * What a registry asks for its values whenever it is read. Micrometer holds the object that is
 * asked weakly, and its function strongly: here the function holds all that it needs, so that a
 * value goes on after its caller has dropped everything. Thread-safe.
 */
final class Watched {
  /** Micrometer wants an object that is asked; this one is always there. */
  private static final Object ALWAYS_THERE = Watched.class;

  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();
  private final List<Values> values = new ArrayList<>();
  private boolean closed;

  Watched(MeterRegistry registry) {
    this.registry = registry;
  }

  void gauge(String name, String description, DoubleSupplier value) {
    add(
        name,
        Tags.empty(),
        () ->
            Gauge.builder(name, ALWAYS_THERE, always -> value.getAsDouble())
                .description(description)
                .register(registry));
  }

  void counter(String name, Tags tags, String description, DoubleSupplier count) {
    add(
        name,
        tags,
        () ->
            FunctionCounter.builder(name, ALWAYS_THERE, always -> count.getAsDouble())
                .tags(tags)
                .description(description)
                .register(registry));
  }

  void age(String name, String description, TimeUnit unit, DoubleSupplier age) {
    add(
        name,
        Tags.empty(),
        () ->
            TimeGauge.builder(name, ALWAYS_THERE, unit, always -> age.getAsDouble())
                .description(description)
                .register(registry));
  }

  /** A registry returns what it has instead of adding the same again, so that is an error here. */
  private synchronized void add(String name, Tags tags, Supplier<Meter> register) {
    if (closed) {
      return;
    }
    if (registry.find(name).tags(tags).meter() != null) {
      throw new IllegalStateException(
          "the registry already has "
              + name
              + ": close the BedrockMetrics that watches, or give each meter a registry of its own");
    }
    meters.add(register.get());
  }

  /** Gauges of one name, to be shown in {@link #update}. */
  synchronized Values values(String name, String description) {
    Values added = new Values(MultiGauge.builder(name).description(description).register(registry));
    values.add(added);
    return added;
  }

  /** Changes gauges, unless all were removed. */
  synchronized void update(Runnable change) {
    if (!closed) {
      change.run();
    }
  }

  /** Removes all of it from the registry. */
  synchronized void removeAll() {
    closed = true;
    meters.forEach(registry::remove);
    values.forEach(shown -> shown.show(Map.of()));
  }
}
