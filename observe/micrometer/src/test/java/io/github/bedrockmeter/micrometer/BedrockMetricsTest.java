// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BedrockMetricsTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private double counted(String name) {
    return registry.find(name).counters().stream().mapToDouble(counter -> counter.count()).sum();
  }

  private double counted(String name, String tag, String value) {
    return registry.find(name).tag(tag, value).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Test
  void countersAddUpToWhatTheEventsSay() throws Exception {
    try (Workload workload = new Workload(registry)) {
      workload.run();

      assertThat(counted("gen_ai.client.inference.usage.input_tokens"))
          .isEqualTo(sum(workload, event -> event.usage().totalInputTokens()));
      assertThat(counted("gen_ai.client.inference.usage.output_tokens"))
          .isEqualTo(sum(workload, event -> event.usage().outputTokens()));
      assertThat(counted("gen_ai.client.inference.usage.cache_read.input_tokens"))
          .isEqualTo(sum(workload, event -> event.usage().cacheReadTokens()));
      assertThat(counted("gen_ai.client.inference.usage.cache_write.input_tokens"))
          .isEqualTo(sum(workload, event -> event.usage().cacheWriteTokens()));
      BigDecimal cost =
          workload.events.usages().stream()
              .map(event -> event.cost().atLeastUsd())
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(counted("bedrock.meter.cost"))
          .isCloseTo(cost.doubleValue(), within(cost.doubleValue() * 1e-14));
      assertThat(counted("bedrock.meter.denials")).isEqualTo(workload.events.denials().size());
      assertThat(counted("bedrock.meter.cost", "team", "team-0")).isPositive();
      assertThat(counted("bedrock.meter.calls.unpriced"))
          .isEqualTo(sum(workload, event -> event.cost() instanceof Cost.Unknown ? 1 : 0))
          .isPositive();
      assertThat(registry.find("gen_ai.client.operation.duration").timers())
          .extracting(timer -> timer.count())
          .satisfies(
              counts ->
                  assertThat(counts.stream().mapToLong(Long::longValue).sum())
                      .isEqualTo(workload.events.usages().size()));
    }
  }

  private static double sum(Workload workload, ToLongFunction<UsageEvent> count) {
    return workload.events.usages().stream().mapToLong(count).sum();
  }

  @Test
  void callsWithoutATagOfABudgetAreCounted() throws Exception {
    try (Workload workload = new Workload(registry)) {
      workload.run();

      assertThat(
              registry
                  .get("bedrock.meter.calls.untagged")
                  .tag("tag", "team")
                  .functionCounter()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void gaugesOfBudgetsComeFromTheLedgerAndShowTheLargest() throws Exception {
    try (Workload workload = new Workload(registry)) {
      workload.run();

      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(registry.find("bedrock.meter.budget.used").gauges())
                      .extracting(gauge -> gauge.getId().getTag("scope"))
                      .contains("team=team-1")
                      .hasSize(2));
      Gauge used = registry.get("bedrock.meter.budget.used").tag("scope", "team=team-1").gauge();
      assertThat(used.value()).isGreaterThan(0.01);
      assertThat(used.getId().getTag("unit")).isEqualTo("usd");
      assertThat(
              registry
                  .get("bedrock.meter.budget.limit")
                  .tag("scope", "team=team-1")
                  .gauge()
                  .value())
          .isEqualTo(0.5);
      assertThat(registry.get("bedrock.meter.budget.hidden").gauge().value()).isEqualTo(1);
      assertThat(registry.get("bedrock.meter.ledger.available").gauge().value()).isEqualTo(1);
    }
  }

  @Test
  void aGaugeThatStaysIsNeverOutOfTheRegistry() throws Exception {
    List<String> removed = new CopyOnWriteArrayList<>();
    registry.config().onMeterRemoved(meter -> removed.add(meter.getId().toString()));
    try (Workload workload = new Workload(registry)) {
      workload.run();
      Gauge used = registry.get("bedrock.meter.budget.used").tag("scope", "team=team-1").gauge();
      double before = used.value();
      removed.clear();

      workload.meter.control("daily").charge("team=team-1", Amount.usd("0.02"), "test").join();

      Awaitility.await().until(() -> used.value() > before + 0.019);
      assertThat(removed).noneMatch(id -> id.contains("team=team-1"));
    }
  }

  @Test
  void aHundredThousandTagValuesLeaveTheConfiguredNumberOfSeries() {
    BedrockMetrics metrics = BedrockMetrics.builder(registry).tags("team").mostSeries(50).build();
    long begin = System.nanoTime();
    for (int i = 0; i < 100_000; i++) {
      metrics.onUsage(
          SampleEvents.completed(
                  SampleCalls.converse().model("model-" + i).tags("team", "t" + i).build())
              .build());
    }
    System.out.printf(
        "metrics: %,d ns an event with folding%n", (System.nanoTime() - begin) / 100_000);

    registry.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .filter(name -> !name.endsWith(".histogram")) // buckets, in this registry
        .distinct()
        .forEach(name -> assertThat(registry.find(name).meters()).hasSizeLessThanOrEqualTo(51));
    assertThat(counted("bedrock.meter.series.folded")).isGreaterThan(99_000);
    assertThat(counted("bedrock.meter.cost", "team", "(other)")).isPositive();
    assertThat(counted("gen_ai.client.inference.usage.input_tokens"))
        .isEqualTo(100_000.0 * SampleCalls.converse().build().estimate().totalInputTokens());
  }

  @Test
  void declaredTagsAreFoldedWhateverTheirNames() {
    BedrockMetrics metrics =
        BedrockMetrics.builder(registry)
            .tags("operation", "kind", "outcome", "enforced")
            .mostSeries(50)
            .build();
    for (int i = 0; i < 1_000; i++) {
      metrics.onUsage(
          SampleEvents.completed(
                  SampleCalls.converse()
                      .tags(
                          "operation",
                          "o" + i,
                          "kind",
                          "k" + i,
                          "outcome",
                          "u" + i,
                          "enforced",
                          "e")
                      .build())
              .build());
    }

    assertThat(registry.find("bedrock.meter.cost").counters()).hasSize(51);
    assertThat(counted("bedrock.meter.cost", "kind", "(other)")).isPositive();
  }

  @Test
  void noMetricHasMoreThanTwiceItsSeries() {
    BedrockMetrics metrics = BedrockMetrics.builder(registry).mostSeries(50).build();
    for (int i = 0; i < 1_000; i++) {
      metrics.onUsage(
          SampleEvents.completed(SampleCalls.of("NewOperation" + (char) ('a' + i % 26) + i).build())
              .build());
    }

    assertThat(registry.find("gen_ai.client.operation.duration").timers()).hasSize(101);
    assertThat(registry.find("bedrock.meter.cost").counters()).hasSize(101);
    assertThat(counted("bedrock.meter.cost", "gen_ai.operation.name", "(other)")).isPositive();
    assertThat(counted("gen_ai.client.inference.usage.input_tokens"))
        .isEqualTo(1_000.0 * SampleCalls.converse().build().estimate().totalInputTokens());
  }

  @Test
  void declaredTagsThatCollideAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> BedrockMetrics.builder(registry).tags("cost-center", "cost.center").build())
        .withMessage(
            "tags 'cost-center' and 'cost.center' are one label in Prometheus, 'cost_center': name"
                + " one of them differently, or leave it out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMetrics.builder(registry).tags("team", "team").build())
        .withMessageContaining("tags 'team' and 'team' are one label");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> BedrockMetrics.builder(registry).tags("team", "gen_ai-request_model").build())
        .withMessage(
            "tag 'gen_ai-request_model' is bedrock.meter.cost's own 'gen_ai.request.model' in"
                + " Prometheus: leave it out, or name it differently");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMetrics.builder(registry).tags("team", " ").build())
        .withMessage("the name of a tag must not be blank: tags [team,  ]");
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void noTextOfAPromptIsExported() throws Exception {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (Workload workload = new Workload(prometheus)) {
      workload.run();

      assertThat(prometheus.scrape()).doesNotContain("CANARY");
    }
  }

  @Test
  void estimatedChargesAreASeriesOfTheirOwn() {
    BedrockMetrics metrics = BedrockMetrics.builder(registry).build();
    metrics.onUsage(
        SampleEvents.cancelled(SampleCalls.converse().build()).charge(Charge.ESTIMATED).build());

    assertThat(
            registry.find("bedrock.meter.cost").tag("bedrock.meter.charge", "estimated").counter())
        .isNotNull();
    assertThat(registry.find("bedrock.meter.estimate.use").summary()).isNull();
  }

  @Test
  void settingsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMetrics.builder(registry).refreshEvery(Duration.ZERO))
        .withMessageContaining("refreshEvery must be at least a second");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMetrics.builder(registry).mostSeries(0))
        .withMessageContaining("mostSeries must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMetrics.builder(registry).mostBalances(-1));
  }
}
