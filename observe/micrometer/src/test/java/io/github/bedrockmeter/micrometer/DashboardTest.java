// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.usage.Usage;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every panel of the Grafana dashboard, asked of a real Prometheus that scrapes a meter at work.
 * Its {@code increase} extrapolates to the edges of the time asked for, so sums are compared within
 * 5 %.
 */
class DashboardTest {
  private static final Path DASHBOARD = Path.of("grafana/bedrock-meter.json");
  private static final double EXTRAPOLATION = 0.05;

  @TempDir Path folder;

  @Test
  void everyPanelAnswersWithWhatTheEventsAddUpTo() throws Exception {
    Path program = RealPrometheus.program("prometheus");
    if (program == null) {
      System.out.println("DashboardTest DID NOT RUN: no prometheus on the PATH");
    }
    Assumptions.assumeTrue(program != null, "no prometheus on the PATH");
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    HttpServer scraped = serve(registry);
    try (Workload workload = new Workload(registry);
        RealPrometheus prometheus =
            RealPrometheus.start(program, folder, scraped.getAddress().getPort())) {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(prometheus::isReady);
      workload
          .run(); // the first sample of a series is no increase, so the measured run comes later
      int before = workload.events.usages().size();
      int deniedBefore = workload.events.denials().size();
      TimeUnit.SECONDS.sleep(3); // scrapes are by the clock of the server
      long begin = System.nanoTime();
      TimeUnit.SECONDS.sleep(6);
      workload.run();
      List<UsageEvent> events =
          List.copyOf(workload.events.usages().subList(before, workload.events.usages().size()));
      int denied = workload.events.denials().size() - deniedBefore;
      TimeUnit.SECONDS.sleep(6);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);

      Map<String, Double> expected = expected(events, denied);
      int answered = 0;
      List<JsonNode> panels = panels();
      for (JsonNode panel : panels) {
        String title = panel.path("title").asText();
        JsonNode result = prometheus.query(expression(panel, seconds));
        assertThat(result).as(title).isNotEmpty();
        double sum = 0;
        for (JsonNode series : result) {
          sum += series.path("value").path(1).asDouble();
        }
        assertThat(sum).as(title).isFinite();
        Double exact = expected.remove(title);
        if (exact != null) {
          assertThat(sum).as(title).isCloseTo(exact, within(Math.abs(exact) * EXTRAPOLATION));
        }
        answered++;
      }

      System.out.printf("%d of %d panels answered%n", answered, panels.size());
      assertThat(expected).as("titles that no panel has").isEmpty();
    } finally {
      scraped.stop(0);
    }
  }

  /** What panels of sums must show, by their titles. */
  private static Map<String, Double> expected(List<UsageEvent> events, int denied) {
    Map<String, Double> sums = new TreeMap<>();
    double cost = sum(events, event -> event.cost().atLeastUsd().doubleValue());
    sums.put("Spend", cost);
    sums.put("Spend by model", cost);
    sums.put("Spend by tag", cost);
    sums.put("Calls", (double) events.size());
    sums.put("Unpriced calls", sum(events, event -> event.cost().usd().isPresent() ? 0 : 1));
    sums.put("Input tokens", tokens(events, Usage::totalInputTokens));
    sums.put("Output tokens", tokens(events, Usage::outputTokens));
    sums.put("Cache reads", tokens(events, Usage::cacheReadTokens));
    sums.put("Cache writes", tokens(events, Usage::cacheWriteTokens));
    sums.put(
        "Input served from the cache",
        tokens(events, Usage::cacheReadTokens) / tokens(events, Usage::totalInputTokens));
    sums.put("Denials", (double) denied);
    sums.put("Amended calls", sum(events, event -> event.call().amendments().size()));
    sums.put("Anomalies", sum(events, event -> event.anomalies().size()));
    sums.put("Ledger", 1.0);
    sums.put("Holds lost", 1.0);
    sums.put("Journal pending", 3.0);
    return sums;
  }

  private static double tokens(List<UsageEvent> events, Function<Usage, Long> count) {
    return sum(events, event -> (double) count.apply(event.usage()));
  }

  private static double sum(List<UsageEvent> events, ToDoubleFunction<UsageEvent> value) {
    return events.stream().mapToDouble(value).sum();
  }

  private static List<JsonNode> panels() throws Exception {
    List<JsonNode> panels = new ArrayList<>();
    for (JsonNode panel : new ObjectMapper().readTree(Files.readString(DASHBOARD)).path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        panels.add(panel);
      }
    }
    return panels;
  }

  /** The panel's query with the values that Grafana would put in. */
  private static String expression(JsonNode panel, long seconds) {
    return panel
        .path("targets")
        .path(0)
        .path("expr")
        .asText()
        .replace("$__range", seconds + "s")
        .replace("$__rate_interval", seconds + "s")
        .replace("$tag", "team");
  }

  private static HttpServer serve(PrometheusMeterRegistry registry) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void theAlertsAreRulesThatPrometheusTakes() throws Exception {
    assertThat(promtool("check", "rules", "prometheus/bedrock-meter-alerts.yml"))
        .contains("SUCCESS");
  }

  @Test
  void theAlertsSeeTheFirstEventOfACounter() throws Exception {
    assertThat(promtool("test", "rules", "prometheus/bedrock-meter-alerts-test.yml"))
        .contains("SUCCESS");
  }

  /** What promtool printed; it must have ended well. */
  private static String promtool(String... arguments) throws Exception {
    Path program = RealPrometheus.program("promtool");
    if (program == null) {
      System.out.println("DashboardTest DID NOT RUN its alerts: no promtool on the PATH");
    }
    Assumptions.assumeTrue(program != null, "no promtool on the PATH");
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));

    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed;
  }

  @Test
  void everyMetricThatDashboardAndAlertsAskForExists() throws Exception {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (Workload workload = new Workload(registry)) {
      workload.run();
      String scrape = registry.scrape();

      String asked =
          Files.readString(DASHBOARD)
              + Files.readString(Path.of("prometheus/bedrock-meter-alerts.yml"));
      Matcher names = Pattern.compile("\\b(bedrock_meter|gen_ai_client)_[a-zA-Z_]+").matcher(asked);
      while (names.find()) {
        if (!names.group().equals("bedrock_meter_cache_lifetime")) {
          assertThat(scrape).contains(names.group());
        }
      }
    }
  }
}
