// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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

  private static BedrockMeter meter() {
    return BedrockMeter.builder()
        .budget(
            Budget.named("daily")
                .limit(Amount.usd("0.50"))
                .window(Window.daily(ZoneOffset.UTC))
                .build())
        .build();
  }

  private Set<String> names() {
    return registry.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .collect(Collectors.toSet());
  }

  private static void watchAll(BedrockMetrics metrics, BedrockMeter meter) {
    metrics.watch(meter);
    metrics.watchJournal(() -> 3, () -> 1);
    metrics.watchCatalogue(Instant::now);
  }

  @Test
  void closeRemovesWhatWasWatchedAndARebuildShowsIt() throws Exception {
    try (BedrockMeter first = meter();
        BedrockMeter second = meter()) {
      BedrockMetrics old = BedrockMetrics.builder(registry).build();
      Set<String> unwatched = names();
      first.control("daily").charge("", Amount.usd("0.01"), "test").join();
      watchAll(old, first);
      Awaitility.await().until(() -> registry.find("bedrock.meter.budget.used").gauge() != null);
      old.close();
      assertThat(names()).isEqualTo(unwatched);

      try (BedrockMetrics rebuilt = BedrockMetrics.builder(registry).build()) {
        second.control("daily").charge("", Amount.usd("0.25"), "test").join();
        watchAll(rebuilt, second);

        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(registry.get("bedrock.meter.budget.used").gauge().value())
                        .isEqualTo(0.25));
        assertThat(registry.get("bedrock.meter.calls.open").gauge().value()).isZero();
      }
      assertThat(names()).isEqualTo(unwatched);
    }
  }

  @Test
  void countersOfEventsStayAfterClose() throws Exception {
    try (Workload workload = new Workload(registry)) {
      workload.run();
      workload.metrics.close();

      assertThat(names())
          .contains("bedrock.meter.cost", "bedrock.meter.holds.lost")
          .doesNotContain("bedrock.meter.calls.untagged", "bedrock.meter.budget.used");
    }
  }

  @Test
  void aSecondWatchIsRefused() throws Exception {
    try (BedrockMeter first = meter();
        BedrockMeter second = meter();
        BedrockMetrics metrics = BedrockMetrics.builder(registry).build()) {
      BedrockMetrics others = BedrockMetrics.builder(registry).build();
      watchAll(metrics, first);
      Set<String> watched = names();

      for (BedrockMetrics any : List.of(metrics, others)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> any.watch(second))
            .withMessage(
                "the registry already has bedrock.meter.budget.snapshot.age: close the"
                    + " BedrockMetrics that watches, or give each meter a registry of its own");
        assertThatIllegalStateException().isThrownBy(() -> any.watchJournal(() -> 9, () -> 9));
        assertThatIllegalStateException().isThrownBy(() -> any.watchCatalogue(Instant::now));
      }
      others.close();
      assertThat(names()).containsAll(watched);
      assertThat(registry.get("bedrock.meter.journal.pending").gauge().value()).isEqualTo(3);
    }
  }

  /** What the thread that reads balances sees when it adds the first gauge of a budget. */
  private <T> CompletableFuture<T> onTheMetricsThread(Supplier<T> seen) {
    CompletableFuture<T> result = new CompletableFuture<>();
    registry
        .config()
        .onMeterAdded(
            meter -> {
              if (meter.getId().getName().equals("bedrock.meter.budget.used")) {
                result.complete(seen.get());
              }
            });
    return result;
  }

  @Test
  void theThreadInheritsNothingOfItsCaller() throws Exception {
    InheritableThreadLocal<String> secret = new InheritableThreadLocal<>();
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    CompletableFuture<List<Object>> seen =
        onTheMetricsThread(
            () ->
                List.of(
                    Thread.currentThread().getName(),
                    Optional.ofNullable(secret.get()),
                    Thread.currentThread().getContextClassLoader()));
    try (BedrockMeter meter = meter();
        BedrockMetrics metrics = BedrockMetrics.builder(registry).build();
        URLClassLoader ofTheCaller = new URLClassLoader(new URL[0], before)) {
      meter.control("daily").charge("", Amount.usd("0.01"), "test").join();
      secret.set("the caller's");
      caller.setContextClassLoader(ofTheCaller);
      metrics.watch(meter);

      assertThat(seen.get(30, TimeUnit.SECONDS))
          .containsExactly(
              "bedrock-meter-metrics", Optional.empty(), BedrockMetrics.class.getClassLoader());
    } finally {
      caller.setContextClassLoader(before);
      secret.remove();
    }
  }

  @Test
  void anErrorDoesNotEndTheLookingAtLedgers() throws Exception {
    AtomicInteger errors = new AtomicInteger();
    registry
        .config()
        .onMeterAdded(
            meter -> {
              if (meter.getId().getName().equals("bedrock.meter.budget.used")
                  && errors.incrementAndGet() == 1) {
                throw new AssertionError("the registry's own failure");
              }
            });
    try (BedrockMeter meter = meter();
        BedrockMetrics metrics =
            BedrockMetrics.builder(registry).refreshEvery(Duration.ofSeconds(1)).build()) {
      meter.control("daily").charge("", Amount.usd("0.01"), "test").join();
      metrics.watch(meter);

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> registry.find("bedrock.meter.budget.forecast").gauge() != null);
      assertThat(registry.get("bedrock.meter.budget.used").gauge().value()).isEqualTo(0.01);
      assertThat(errors).hasValue(2);
    }
  }
}
