// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.alerts.Alerts;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.cloudwatch.CloudWatchMetrics;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.spring.BedrockMeterAutoConfiguration;
import io.github.bedrockmeter.spring.BedrockMeterSinksAutoConfiguration;
import io.github.bedrockmeter.spring.InvalidPropertiesException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Alerts and CloudWatch's lines by properties. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SinksTest {
  private static final String ALERTS = "bedrock.meter.sinks.alerts.";
  private static final String CLOUDWATCH = "bedrock.meter.sinks.cloudwatch.";
  private static final String SECRET = "T0SECRET";

  @TempDir Path folder;

  /** The starter's configurations alone, so that a case takes a moment. */
  private final ApplicationContextRunner context =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  BedrockMeterAutoConfiguration.class, BedrockMeterSinksAutoConfiguration.class))
          .withPropertyValues("bedrock.meter.ledger.type=memory");

  @Test
  void eventsGoToTheSinksAndWhatWaitsIsSentWhenTheApplicationStops() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    Path lines = folder.resolve("emf.log");
    try {
      try (Boot app =
          Boot.started(
              Boot.Plain.class,
              "spring.application.name=checkout",
              "bedrock.meter.budgets.calls.limit=1 requests",
              "bedrock.meter.budgets.calls.window=lifetime",
              ALERTS + "webhook.url=http://127.0.0.1:" + server.getAddress().getPort() + "/",
              ALERTS + "webhook.signing-key=0123456789abcdef",
              ALERTS + "webhook.from=info",
              CLOUDWATCH + "file=" + lines)) {
        app.chat().prompt("Hello").call().content();
        assertThat(catchThrowable(() -> app.chat().prompt("Hello").call().content()))
            .isInstanceOf(BudgetExceededException.class);
        for (Class<?> sink : List.of(Alerts.class, CloudWatchMetrics.class)) {
          String name = app.context.getBeanNamesForType(sink)[0];
          assertThat(app.context.getBeanFactory().getDependentBeans(name))
              .as("closed before " + name)
              .contains("bedrockMeter");
        }
      }
      assertThat(received)
          .anySatisfy(
              alert ->
                  assertThat(alert)
                      .contains("\"source\":\"checkout\"", "budget 'calls' denies calls"));
      assertThat(Files.readAllLines(lines)).hasSize(2);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void withoutPropertiesThereAreNoSinks() {
    context.run(
        started -> {
          assertThat(started).hasNotFailed();
          assertThat(started).doesNotHaveBean(Alerts.class);
          assertThat(started).doesNotHaveBean(CloudWatchMetrics.class);
        });
    context
        .withPropertyValues(CLOUDWATCH + "enabled=false", CLOUDWATCH + "namespace=Shop")
        .run(started -> assertThat(started).doesNotHaveBean(CloudWatchMetrics.class));
    context
        .withPropertyValues(CLOUDWATCH + "enabled=true", ALERTS + "log.enabled=true")
        .run(
            started -> {
              assertThat(started).hasSingleBean(CloudWatchMetrics.class);
              assertThat(started).hasSingleBean(Alerts.class);
            });
  }

  @Test
  void everyPropertyIsTaken() {
    context
        .withPropertyValues(
            "bedrock.meter.budgets.daily.limit=1 requests",
            "bedrock.meter.budgets.daily.window=daily in UTC",
            ALERTS + "slack.url=https://hooks.slack.com/services/T0/B0/x",
            ALERTS + "slack.budgets=daily",
            ALERTS + "teams.url=https://example.com/workflows/1",
            ALERTS + "teams.from=critical",
            ALERTS + "webhook.url=https://example.com/hook",
            ALERTS + "webhook.signing-key=0123456789abcdef",
            ALERTS + "log.from=info",
            ALERTS + "source=checkout",
            ALERTS + "zone=Europe/Berlin",
            CLOUDWATCH + "file=" + folder.resolve("emf.log"),
            CLOUDWATCH + "namespace=Shop",
            CLOUDWATCH + "cost-center-tag=team",
            CLOUDWATCH + "application-tag=app",
            CLOUDWATCH + "environment-tag=env",
            CLOUDWATCH + "most-combinations=10")
        .run(started -> assertThat(started).hasNotFailed());
  }

  @Test
  void aValueThatCannotBeUsedIsASentenceWithItsProperty() {
    assertThat(failure(ALERTS + "slack.url=http://hooks.slack.com/services/" + SECRET))
        .contains("bedrock.meter.sinks.alerts.slack: the URL of a Slack webhook is http://")
        .doesNotContain(SECRET);
    assertThat(failure(ALERTS + "slack.url="))
        .contains("bedrock.meter.sinks.alerts.slack.url: it is missing or empty");
    assertThat(failure(ALERTS + "slack.url=${NOT_SET_ANYWHERE}"))
        .contains("bedrock.meter.sinks.alerts.slack.url: it is missing or empty");
    assertThat(failure(ALERTS + "teams.from=critical"))
        .contains("bedrock.meter.sinks.alerts.teams.url: it is missing or empty");
    assertThat(failure(ALERTS + "webhook.url=https://example.com/" + SECRET))
        .contains("bedrock.meter.sinks.alerts.webhook.signing-key: it is missing")
        .doesNotContain(SECRET);
    assertThat(failure(ALERTS + "source=checkout"))
        .contains("bedrock.meter.sinks.alerts: no channel is named");
    assertThat(failure(ALERTS + "log.enabled=true", ALERTS + "once-in-fleet=true"))
        .contains("bedrock.meter.sinks.alerts.once-in-fleet: a ledger in memory is one process's");
    assertThat(
            failure(
                "bedrock.meter.budgets.daily.limit=1 requests",
                "bedrock.meter.budgets.daily.window=lifetime",
                ALERTS + "log.budgets=dialy"))
        .contains("bedrock.meter.sinks.alerts.log.budgets:")
        .contains("daily");
    assertThat(failure(CLOUDWATCH + "namespace=AWS/Bedrock"))
        .contains("bedrock.meter.sinks.cloudwatch.namespace: namespace must");
    assertThat(failure(CLOUDWATCH + "file=/no/such/folder/emf.log"))
        .contains("bedrock.meter.sinks.cloudwatch.file: file must be in a folder that exists");
    assertThat(failure("bedrock.meter.sinks.allerts.log.enabled=true")).contains("allerts");
    assertThat(failure(ALERTS + "log.from=urgent")).contains("urgent");
  }

  @Test
  void aSinkWhoseModuleIsMissingNamesTheDependency() {
    assertThat(failureWithout(Alerts.class, ALERTS + "log.enabled=true"))
        .contains(
            "bedrock.meter.sinks.alerts: it needs the dependency"
                + " io.github.bedrockmeter:bedrock-meter-alerts");
    assertThat(failureWithout(CloudWatchMetrics.class, CLOUDWATCH + "enabled=true"))
        .contains("needs the dependency io.github.bedrockmeter:bedrock-meter-cloudwatch");
    assertThat(failureWithout(UsageJournal.class, "bedrock.meter.journal.enabled=true"))
        .contains("needs the dependency io.github.bedrockmeter:bedrock-meter-jdbc");
  }

  @Test
  void secretsAreInNoTextOfTheProperties() {
    context
        .withPropertyValues(
            ALERTS + "slack.url=https://hooks.slack.com/services/" + SECRET,
            ALERTS + "webhook.url=https://example.com/" + SECRET,
            ALERTS + "webhook.signing-key=" + SECRET + SECRET)
        .run(
            started ->
                assertThat(
                        started
                            .getBean(io.github.bedrockmeter.spring.BedrockMeterProperties.class)
                            .toString())
                    .contains("Webhook[from=WARNING")
                    .doesNotContain(SECRET));
  }

  private String failure(String... properties) {
    return failure(context, properties);
  }

  private String failureWithout(Class<?> absent, String... properties) {
    return failure(context.withClassLoader(new FilteredClassLoader(absent)), properties);
  }

  /** All messages among the causes, where one of them is of the failure analyzer's kind. */
  private static String failure(ApplicationContextRunner context, String... properties) {
    StringBuilder messages = new StringBuilder();
    context
        .withPropertyValues(properties)
        .run(
            started -> {
              assertThat(started).as(String.join(", ", properties)).hasFailed();
              for (Throwable cause = started.getStartupFailure();
                  cause != null;
                  cause = cause.getCause()) {
                if (cause instanceof InvalidPropertiesException
                    || cause.getClass().getName().startsWith("org.springframework.boot.context")
                    || cause instanceof IllegalArgumentException) {
                  messages.append(cause.getMessage()).append('\n');
                }
              }
            });
    return messages.toString();
  }
}
