// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.spring.web.DenialProblem;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

/** What a browser gets when a call is denied, and what the actuator's endpoint answers. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class WebAnswersTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String[] ONE_CALL_A_DAY = {
    "bedrock.meter.tags.user=#{principal}",
    "bedrock.meter.tags.team=#{header.X-Team}",
    "bedrock.meter.budgets.daily.limit=1 requests",
    "bedrock.meter.budgets.daily.window=daily in UTC",
    "bedrock.meter.budgets.daily.per=user",
    "bedrock.meter.web.include-message=true",
    "bedrock.meter.endpoint.allow-changes=true",
    "spring.reactor.context-propagation=auto",
    "management.endpoints.web.exposure.include=budgets,health",
    "management.endpoint.health.show-details=always"
  };

  @Test
  void servletsAnswerADenialAndTheEndpointChangesABudget() throws Exception {
    try (Boot app =
        Boot.started(WebApplicationType.SERVLET, Chats.OnServlets.class, ONE_CALL_A_DAY)) {
      for (String path : new String[] {"/plain", "/callable", "/async", "/stream", "/functional"}) {
        String user = Users.name(path.charAt(1));
        assertThat(Users.get(user, app.url(path)).statusCode()).as(path).isEqualTo(200);
        assertDenied(Users.get(user, app.url(path)), "user=" + user);
      }
      String ann = Users.name('p');
      assertThat(app.recorded().usages().get(0).call().tags().asMap())
          .containsEntry("user", ann)
          .containsEntry("team", "team-of-" + ann);
      assertTheEndpointWorks(app, ann);
      JsonNode health = JSON.readTree(Users.get(ann, app.url("/actuator/health")).body());
      assertThat(health.at("/components/bedrockMeter/status").asText()).isEqualTo("UP");
    }
  }

  @Test
  void webFluxAnswersADenial() throws Exception {
    try (Boot app =
        Boot.started(WebApplicationType.REACTIVE, Chats.OnWebFlux.class, ONE_CALL_A_DAY)) {
      for (String path :
          new String[] {"/blocking", "/stream", "/functional", "/functional-stream"}) {
        String user = Users.name(path.hashCode() & 31);
        assertThat(Users.get(user, app.url(path)).statusCode()).as(path).isEqualTo(200);
        assertDenied(Users.get(user, app.url(path)), "user=" + user);
      }
      assertThat(app.recorded().usages().get(0).call().tags().asMap())
          .containsEntry("team", "team-of-" + Users.name("/blocking".hashCode() & 31));
    }
  }

  private static void assertDenied(HttpResponse<String> answer, String scope) throws Exception {
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("title").asText()).isEqualTo("Over limit");
    assertThat(problem.path("kind").asText()).isEqualTo("over_limit");
    assertThat(problem.path("detail").asText()).contains("budget 'daily' (" + scope + ")");
    long seconds = Long.parseLong(answer.headers().firstValue("Retry-After").orElseThrow());
    assertThat(seconds).isBetween(1L, Duration.ofDays(1).toSeconds());
  }

  private static void assertTheEndpointWorks(Boot app, String user) throws Exception {
    String url = app.url("/actuator/budgets");
    JsonNode all = JSON.readTree(Users.get(user, url).body());
    assertThat(all.path("ledgerAnswers").asBoolean()).isTrue();
    assertThat(all.path("balances")).hasSize(5);
    assertThat(Users.get(user, url + "/unknown").statusCode()).isEqualTo(404);
    HttpResponse<String> wrong =
        Users.post(user, url + "/daily", "{\"action\":\"grnat\",\"reason\":\"more\"}");
    assertThat(wrong.statusCode()).isEqualTo(400);

    HttpResponse<String> granted =
        Users.post(
            user,
            url + "/daily",
            "{\"action\":\"grant\",\"scope\":\"user="
                + user
                + "\",\"amount\":\"1 requests\",\"reason\":\"launch week\"}");

    assertThat(granted.statusCode()).as(granted.body()).isEqualTo(200);
    assertThat(Users.get(user, app.url("/plain")).statusCode()).isEqualTo(200);
    assertThat(Users.get(user, app.url("/plain")).statusCode()).isEqualTo(429);
    Users.post(
        user,
        url + "/daily",
        "{\"action\":\"freeze\",\"scope\":\"user=" + user + "\",\"reason\":\"contract ended\"}");
    assertThat(Users.get(user, app.url("/plain")).statusCode()).isEqualTo(402);
  }

  @ParameterizedTest
  @EnumSource(DenialKind.class)
  void eachKindHasItsStatus(DenialKind kind) {
    ResponseEntity<ProblemDetail> answer = answer(kind, null);

    assertThat(answer.getStatusCode().value()).isEqualTo(kind.httpStatus());
    assertThat(answer.getHeaders().getFirst("Retry-After")).isNull();
    assertThat(answer.getBody()).isNotNull();
    assertThat(answer.getBody().getDetail()).isNull();
  }

  @Test
  void aRetryIsNeverPromisedTooEarly() {
    assertThat(
            answer(DenialKind.LEDGER_UNAVAILABLE, Duration.ofMillis(1_001))
                .getHeaders()
                .getFirst("Retry-After"))
        .isEqualTo("2");
  }

  private static ResponseEntity<ProblemDetail> answer(DenialKind kind, @Nullable Duration wait) {
    BudgetDecision.Denied denial =
        new Denied(kind, "daily", "", null, null, wait, "a reason", null);
    return DenialProblem.answer(new BudgetExceededException(denial), false);
  }
}
