// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.Reply;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ToolResultContentBlock;
import software.amazon.awssdk.services.sns.SnsClient;

/** Text of prompts, answers, tools and errors reaches no message, whatever is alerted. */
class CanaryTest {
  private static final String CANARY = "CANARY-7f3a";

  private static ConverseRequest request(int maxTokens) {
    return ConverseRequest.builder()
        .modelId(Scene.MODEL)
        .system(SystemContentBlock.fromText(CANARY + "-system"))
        .messages(
            message(ConversationRole.USER, ContentBlock.fromText(CANARY + "-prompt")),
            message(
                ConversationRole.ASSISTANT,
                ContentBlock.fromToolUse(
                    t ->
                        t.toolUseId("t1")
                            .name("search")
                            .input(
                                Document.mapBuilder().putString("q", CANARY + "-tool").build()))),
            message(
                ConversationRole.USER,
                ContentBlock.fromToolResult(
                    t ->
                        t.toolUseId("t1")
                            .content(ToolResultContentBlock.fromText(CANARY + "-result")))))
        .inferenceConfig(c -> c.maxTokens(maxTokens))
        .build();
  }

  private static Message message(ConversationRole role, ContentBlock content) {
    return Message.builder().role(role).content(content).build();
  }

  @Test
  void noMessageOfAnyChannelHasTextOfACall() throws Exception {
    FakeTime time = FakeTime.at("2026-11-30T12:00:00Z");
    BrokenLedger ledger = new BrokenLedger(Ledger.inMemory(time, time, 1_000));
    try (Receiver slack = new Receiver();
        Receiver teams = new Receiver();
        Receiver topic =
            new Receiver()
                .always(
                    200,
                    "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
                        + "</PublishResponse>");
        SnsClient sns =
            SnsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(URI.create(topic.address()))
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("AKID", "s")))
                .build();
        Scene scene =
            new Scene(
                time,
                ledger,
                alerts ->
                    alerts
                        .channel(AlertChannel.slack(slack.url()), Route.from(Alert.Severity.INFO))
                        .channel(AlertChannel.teams(teams.url()), Route.from(Alert.Severity.INFO))
                        .channel(
                            SnsAlerts.topic(sns, "arn:aws:sns:eu-central-1:123456789012:a"),
                            Route.from(Alert.Severity.INFO)),
                meter ->
                    meter.policy(
                        call -> {
                          if (call.tags().get("deny") != null) {
                            return BudgetDecision.denied("guard", CANARY + "-policy");
                          }
                          return BudgetDecision.granted();
                        }),
                Scene.daily().limit(Amount.usd("100000")).warnAt(0.0001).build())) {
      scene.alerts.watch(scene.meter);
      scene.bedrock.onAnyModel().reply(Reply.text(CANARY + "-answer").withoutUsage());
      for (int i = 0; i < 12; i++) {
        try {
          scene.client.converse(request(10)); // thresholds, then anomalies and denials
        } catch (BudgetExceededException denied) {
          assertThat(i).as("the first calls are made").isPositive();
        }
      }
      scene.bedrock.onAnyModel().reply(Reply.error(400, "ValidationException", CANARY + "-error"));
      time.set("2026-12-01T12:00:00Z");
      assertThatThrownBy(() -> scene.client.converse(request(10)))
          .isInstanceOf(BedrockRuntimeException.class)
          .hasMessageContaining(CANARY);
      scene.bedrock.onAnyModel().reply(Reply.text(CANARY).inputTokens(10).outputTokens(10));
      assertThatThrownBy(
              () ->
                  scene.client.converse(
                      request(10).toBuilder()
                          .overrideConfiguration(BedrockMeter.tags("deny", "x"))
                          .build()))
          .hasMessageContaining(CANARY);
      scene.alerts.work();
      ledger.broken = true;
      for (int i = 0; i < 7; i++) {
        scene.call("team-" + i, 10);
      }
      time.set("2026-12-01T12:10:00Z");
      scene.alerts.work();
      scene.alerts.close();

      String all =
          Stream.of(scene.receiver, slack, teams, topic)
              .flatMap(receiver -> receiver.posted().stream())
              .map(posted -> posted.headers() + posted.body())
              .toList()
              .toString();
      assertThat(all).doesNotContain("CANARY").contains("guard", "ledger");
      for (Receiver receiver : List.of(scene.receiver, slack, teams, topic)) {
        assertThat(receiver.posted()).hasSizeGreaterThanOrEqualTo(2);
      }
      Map<String, Long> kinds = new TreeMap<>();
      scene
          .receiver
          .messages()
          .forEach(
              message ->
                  message
                      .get("counts")
                      .forEach(
                          count ->
                              kinds.merge(
                                  count.get("kind").textValue(),
                                  count.get("count").longValue(),
                                  Long::sum)));
      System.out.println("no canary in messages about " + kinds);
      assertThat(kinds.keySet())
          .contains("threshold", "anomalies", "first_denial", "ledger_outage", "repeated");
    }
  }
}
