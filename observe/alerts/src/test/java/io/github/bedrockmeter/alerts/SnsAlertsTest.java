// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.testkit.FakeTime;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;

/** The SDK's real client, whose endpoint is a server of this machine. */
class SnsAlertsTest {
  private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts";
  private static final String ANSWER =
      "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"
          + "<MessageId>m-1</MessageId></PublishResult></PublishResponse>";

  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
  private final Receiver receiver = new Receiver().always(200, ANSWER);
  private final SnsClient client =
      SnsClient.builder()
          .region(Region.EU_CENTRAL_1)
          .endpointOverride(URI.create(receiver.address()))
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDTEST", "secret")))
          .build();

  @AfterEach
  void close() {
    client.close();
    receiver.close();
  }

  private Alerts alerts(String topic) {
    return Alerts.builder()
        .channel(SnsAlerts.topic(client, topic))
        .clock(time)
        .nanoClock(time)
        .withoutThread()
        .build();
  }

  private static void freeze(Alerts alerts, String scope) {
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", scope, "runaway job"));
  }

  private Map<String, String> form(int number) {
    Map<String, String> form = new LinkedHashMap<>();
    for (String field : List.of(receiver.posted().get(number).body().split("&", -1))) {
      int equals = field.indexOf('=');
      form.put(
          URLDecoder.decode(field.substring(0, equals), UTF_8),
          URLDecoder.decode(field.substring(equals + 1), UTF_8));
    }
    return form;
  }

  @Test
  void eachKindOfSubscriberGetsItsForm() throws Exception {
    Alerts alerts = alerts(TOPIC);
    freeze(alerts, "team=\u00e4cme\n<!channel>");
    alerts.work();

    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 1, 0));
    Map<String, String> form = form(0);
    assertThat(form)
        .containsEntry("Action", "Publish")
        .containsEntry("TopicArn", TOPIC)
        .containsEntry("MessageStructure", "json");
    assertThat(form.get("Subject"))
        .isEqualTo("Warning: budget 'daily' (team=?cme\\n<!channel>) is frozen");
    JsonNode message = Receiver.JSON.readTree(form.get("Message"));
    assertThat(message.get("email").textValue())
        .isEqualTo(
            """
            Warning: budget 'daily' (team=\u00e4cme\\n<!channel>) is frozen

            Its calls are denied whatever is left, until it is thawed.
            Reason: runaway job

            To look:
              bedrock-meter show daily $'team=\u00e4cme\\012<!channel>'
            """);
    assertThat(message.get("default").textValue()).isEqualTo(message.get("email").textValue());
    for (String program : new String[] {"sqs", "lambda", "http", "https", "firehose"}) {
      JsonNode json = Receiver.JSON.readTree(message.get(program).textValue());
      assertThat(json.at("/alerts/0/kind").textValue()).isEqualTo("frozen");
      assertThat(json.at("/alerts/0/scope").textValue()).isEqualTo("team=\u00e4cme\n<!channel>");
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 1; i <= 3; i++) {
      attributes.put(
          form.get("MessageAttributes.entry." + i + ".Name"),
          form.get("MessageAttributes.entry." + i + ".Value.StringValue"));
    }
    assertThat(attributes)
        .isEqualTo(Map.of("kind", "frozen", "severity", "warning", "budget", "daily"));
  }

  @Test
  void aFifoTopicGetsAGroupAndAnId() throws Exception {
    Alerts alerts = alerts(TOPIC + ".fifo");
    freeze(alerts, "");
    alerts.work();

    assertThat(form(0)).containsEntry("MessageGroupId", "bedrock-meter");
    assertThat(form(0).get("MessageDeduplicationId")).isNotBlank();
  }

  @Test
  void aDigestIsOneMessage() throws Exception {
    Alerts alerts = alerts(TOPIC);
    for (int i = 0; i < 150; i++) {
      freeze(alerts, "team=t" + i);
    }
    alerts.work();

    assertThat(receiver.posted()).hasSize(1);
    assertThat(form(0).get("Subject")).isEqualTo("Warning: 150 alerts: 150 budget frozen");
    assertThat(form(0).get("Message")).hasSizeLessThan(256 * 1024);
  }

  @Test
  void whatSnsRefusesIsNotTriedAgainAndTheAccountIsPrintedNowhere() throws Exception {
    String notFound =
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender"
            + "</Type><Code>NotFound</Code><Message>no topic "
            + TOPIC
            + "</Message></Error></ErrorResponse>";
    receiver.answer(404, Map.of(), notFound);
    AlertChannel channel = SnsAlerts.topic(client, TOPIC);
    AlertMessage message = new Messages(null, time).of(sample());

    assertThatThrownBy(() -> channel.send(message))
        .isInstanceOfSatisfying(
            AlertNotSentException.class,
            refused -> {
              assertThat(refused).hasMessage("SNS answered 404 NotFound").hasNoCause();
              assertThat(refused.mayRetry()).isFalse();
            });
    assertThat(channel.toString() + channel.name()).doesNotContain("123456789012");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SnsAlerts.topic(client, "arn:aws:sqs:eu-central-1:123456789012:q"))
        .withMessageContaining("topicArn must be the ARN of a topic")
        .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain(":q"));
    String unset = System.getenv("BEDROCKMETER_TEST_THAT_NO_MACHINE_SETS");
    assertThatNullPointerException()
        .isThrownBy(() -> SnsAlerts.topic(client, unset))
        .withMessageContainingAll("topicArn is null", "environment variable");
  }

  @Test
  void aDigestOfLongNamesIsSentWithoutItsListOfAlerts() throws Exception {
    Alerts alerts = alerts(TOPIC);
    for (int i = 0; i < 30; i++) {
      freeze(alerts, "team=" + i + "\u20ac".repeat(2_000));
    }
    alerts.work();

    assertThat(receiver.posted()).hasSize(1);
    assertThat(form(0).get("Subject")).isEqualTo("Warning: 30 alerts: 30 budget frozen");
    String whole = form(0).getOrDefault("Message", "");
    assertThat(whole.getBytes(UTF_8)).hasSizeLessThan(250_000);
    JsonNode message = Receiver.JSON.readTree(whole);
    JsonNode json = Receiver.JSON.readTree(message.get("default").textValue());
    assertThat(json.get("alerts")).isEmpty();
    assertThat(json.get("count").longValue()).isEqualTo(30);
    assertThat(json.at("/counts/0/kind").textValue()).isEqualTo("frozen");
    assertThat(message.get("email").textValue()).startsWith("Warning: 30 alerts: ");
    assertThat(message.has("sqs")).as("which gets the default").isFalse();
  }

  @Test
  void anInterruptLeavesNoFlagThatWouldInterruptTheNextTry() {
    AlertChannel channel = SnsAlerts.topic(client, TOPIC);
    AlertMessage message = new Messages(null, time).of(sample());
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> channel.send(message)).isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    } finally {
      Thread.interrupted();
    }
  }

  private Alert sample() {
    return new ChangeTexts(new Times(ZoneOffset.UTC))
        .changed(new BudgetChange.Frozen("daily", "", "why"), time.instant());
  }

  @Test
  void whereSnsDoesNotAnswerTheTriesAreBounded() throws Exception {
    receiver.close();
    Alerts alerts = alerts(TOPIC);
    freeze(alerts, "");
    for (int second = 0; second < 100; second++) {
      alerts.work();
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 0, 1));
  }
}
