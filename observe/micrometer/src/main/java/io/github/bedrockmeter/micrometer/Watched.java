// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * What a registry asks for its values whenever it is read. Micrometer holds the object that is
 * asked weakly, and its function strongly: here the function holds all that it needs, so that a
 * value goes on after its caller has dropped everything. Thread-safe.
 */
final class Watched {
  /** Micrometer wants an object that is asked; this one is always there. */
  private static final Object ALWAYS_THERE = Watched.class;

  private final MeterRegistry registry;

  Watched(MeterRegistry registry) {
    this.registry = registry;
  }

  void gauge(String name, String description, DoubleSupplier value) {
    Gauge.builder(name, ALWAYS_THERE, always -> value.getAsDouble())
        .description(description)
        .register(registry);
  }

  void counter(String name, Tags tags, String description, DoubleSupplier count) {
    FunctionCounter.builder(name, ALWAYS_THERE, always -> count.getAsDouble())
        .tags(tags)
        .description(description)
        .register(registry);
  }

  void age(String name, String description, TimeUnit unit, DoubleSupplier age) {
    TimeGauge.builder(name, ALWAYS_THERE, unit, always -> age.getAsDouble())
        .description(description)
        .register(registry);
  }
}
