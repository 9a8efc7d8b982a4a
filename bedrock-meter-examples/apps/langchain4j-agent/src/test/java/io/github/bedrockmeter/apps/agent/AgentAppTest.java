// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentAppTest {
  private final AgentApp app = new AgentApp(0);
  private final HttpClient browser =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

  AgentAppTest() throws IOException {}

  @AfterEach
  void close() {
    app.close();
  }

  private String page(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + app.port() + path));
  }

  private HttpRequest.Builder startOfARun() {
    return at("/runs").POST(HttpRequest.BodyPublishers.noBody());
  }

  @Test
  void anAgentThatRunsAwayIsStoppedByItsBudgetAndThePageSaysSo() throws Exception {
    assertThat(page(at("/"))).contains("Start a run");

    page(startOfARun());
    Run run = Objects.requireNonNull(app.agents().runs().get("run-1"));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(run::hasEnded);

    assertThat(run.end()).startsWith("stopped: ").contains("budget 'run'");
    assertThat(run.calls()).isGreaterThan(3).isEqualTo(app.bedrock().requests().size());
    assertThat(run.usd()).isLessThanOrEqualTo(new BigDecimal(Agents.LIMIT));
    assertThat(page(at("/"))).contains("run-1: " + run.calls() + " calls").contains("stopped: ");
  }

  @Test
  void eachRunHasABudgetOfItsOwn() throws Exception {
    page(startOfARun());
    page(startOfARun());
    Run first = Objects.requireNonNull(app.agents().runs().get("run-1"));
    Run second = Objects.requireNonNull(app.agents().runs().get("run-2"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> first.hasEnded() && second.hasEnded());

    assertThat(first.end()).startsWith("stopped: ");
    assertThat(second.end()).startsWith("stopped: ");
    assertThat(second.calls()).isEqualTo(first.calls());
  }
}
