// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What {@code watch}, {@code watchJournal} and {@code watchCatalogue} put into a registry. */
class WatchedTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();

  /** Returns once the garbage collector has cleared what no one holds. */
  private static void collectGarbage() {
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return garbage.get() == null;
            });
  }

  private static void watch(MeterRegistry registry, AtomicLong journal, Instant asOf) {
    BedrockMetrics metrics = BedrockMetrics.builder(registry).build();
    metrics.watchJournal(() -> journal.get() + 3, () -> journal.get() + 1);
    metrics.watchCatalogue(() -> asOf);
  }

  @Test
  void whatIsWatchedSurvivesAGarbageCollection() {
    AtomicLong journal = new AtomicLong();
    watch(registry, journal, Instant.now().minus(Duration.ofDays(2)));

    collectGarbage();
    journal.set(10);

    assertThat(registry.get("bedrock.meter.journal.pending").gauge().value()).isEqualTo(13);
    assertThat(registry.get("bedrock.meter.journal.dropped").functionCounter().count())
        .isEqualTo(11);
    TimeGauge age = registry.get("bedrock.meter.catalogue.age").timeGauge();
    assertThat(age.value(TimeUnit.HOURS)).isBetween(48.0, 49.0);
  }

  private static void hold(MeterRegistry registry, AtomicLong value) {
    Watched watched = new Watched(registry);
    watched.gauge("gauge", "a gauge", () -> value.get() + 1);
    watched.counter("counter", Tags.of("tag", "team"), "a counter", () -> value.get() + 2);
    watched.age("age", "an age", TimeUnit.SECONDS, () -> value.get() + 3);
  }

  @Test
  void everyKindOfMeterKeepsWhatItAsks() {
    AtomicLong value = new AtomicLong();
    hold(registry, value);

    collectGarbage();
    value.set(100);

    assertThat(registry.get("gauge").gauge().value()).isEqualTo(101);
    assertThat(registry.get("counter").functionCounter().count()).isEqualTo(102);
    assertThat(registry.get("age").timeGauge().value(TimeUnit.SECONDS)).isEqualTo(103);
  }

  @Test
  void everyGaugeOfAMeterHasAValueAfterAGarbageCollection() throws Exception {
    try (Workload workload = new Workload(registry)) {
      workload.run();

      collectGarbage();

      registry.getMeters().stream()
          .filter(Gauge.class::isInstance)
          .map(Gauge.class::cast)
          .forEach(gauge -> assertThat(gauge.value()).as("%s", gauge.getId()).isFinite());
      assertThat(registry.find("bedrock.meter.calls.untagged").functionCounters())
          .extracting(FunctionCounter::count)
          .containsExactly(1.0);
    }
  }
}
