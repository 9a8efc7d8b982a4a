// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.instrumentation.micrometer.v1_5.OpenTelemetryMeterRegistry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/metrics.md names every metric that is exported, with its type, and no other. */
class MetricsPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z0-9_.]+)` \\| (counter|gauge|timer|summary) \\|");

  private static Map<String, String> documented() throws IOException {
    Map<String, String> names = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../../docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        names.put(row.group(1), row.group(2));
      }
    }
    return names;
  }

  @Test
  void thePageListsWhatIsExportedToPrometheus() throws Exception {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (Workload workload = new Workload(registry)) {
      workload.run();

      Map<String, String> exported = new TreeMap<>();
      registry.getMeters().forEach(meter -> exported.put(meter.getId().getName(), type(meter)));
      assertThat(exported).containsExactlyInAnyOrderEntriesOf(documented());

      String scrape = registry.scrape();
      for (String name : exported.keySet()) {
        assertThat(scrape).contains(name.replace('.', '_'));
      }
    }
  }

  private static String type(Meter meter) {
    return switch (meter.getId().getType()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> "timer";
      case DISTRIBUTION_SUMMARY -> "summary";
      default -> throw new AssertionError("another type: " + meter.getId());
    };
  }

  @Test
  void thePageListsWhatIsExportedThroughOpenTelemetry() throws Exception {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
            .build();
    MeterRegistry registry =
        OpenTelemetryMeterRegistry.builder(sdk).setBaseTimeUnit(TimeUnit.SECONDS).build();
    try (Workload workload = new Workload(registry)) {
      workload.run();

      Set<String> exported =
          reader.collectAllMetrics().stream()
              .map(MetricData::getName)
              .filter(name -> !name.endsWith(".max"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(exported).containsExactlyElementsOf(documented().keySet());
    } finally {
      registry.close();
      sdk.close();
    }
  }
}
