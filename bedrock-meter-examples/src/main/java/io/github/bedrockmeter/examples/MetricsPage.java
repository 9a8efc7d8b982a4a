// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.micrometer.BedrockMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The meter's metrics on loopback, in the form that Prometheus reads. */
final class MetricsPage implements AutoCloseable {
  private static final String PATH = "/metrics";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final BedrockMetrics metrics = BedrockMetrics.builder(registry).tags("team").build();
  private final HttpServer server;

  private MetricsPage() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        PATH,
        exchange -> {
          byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  static MetricsPage open() {
    try {
      return new MetricsPage();
    } catch (IOException noPort) {
      throw new UncheckedIOException("no port is free on loopback", noPort);
    }
  }

  /** Counts what a meter reports. */
  MeterListener listener() {
    return metrics;
  }

  /** Shows where a meter's budgets stand, too. */
  void watch(BedrockMeter meter) {
    metrics.watch(meter);
  }

  URI address() {
    InetSocketAddress bound = server.getAddress();
    return URI.create(
        "http://" + bound.getAddress().getHostAddress() + ":" + bound.getPort() + PATH);
  }

  /** Some lines of the page: what each team's calls cost, their tokens, warnings and denials. */
  List<String> someLines() {
    return registry
        .scrape()
        .lines()
        .filter(
            line ->
                line.startsWith("bedrock_meter_cost_USD_total")
                    || line.startsWith("bedrock_meter_denials_total")
                    || line.startsWith("bedrock_meter_thresholds_total")
                    || line.matches("gen_ai_client_inference_usage_\\w+_tokens_total.*"))
        .limit(10)
        .toList();
  }

  @Override
  public void close() {
    server.stop(0);
    metrics.close();
    registry.close();
  }
}
