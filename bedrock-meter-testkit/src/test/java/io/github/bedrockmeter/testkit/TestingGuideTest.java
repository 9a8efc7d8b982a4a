// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The code of docs/testing.md, as it stands there. */
class TestingGuideTest {

  @Test
  void aBudgetIsTestedAgainstFakeBedrock() {
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId("amazon.nova-lite-v1:0")
            .messages(
                Message.builder()
                    .role(ConversationRole.USER)
                    .content(ContentBlock.fromText("Hello"))
                    .build())
            .build();

    Budget budget =
        Budget.named("team-daily")
            .limit(Amount.requests(1))
            .window(Window.daily(ZoneOffset.UTC))
            .build();
    FakeTime time = FakeTime.at("2026-11-23T23:00:00Z");
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder().budget(budget).clock(time).listener(listener).build();

    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on("amazon.nova-lite-v1:0")
          .reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      client.converse(request);
      assertThatThrownBy(() -> client.converse(request))
          .isInstanceOf(BudgetExceededException.class);
      time.set("2026-11-24T00:00:00Z"); // no test waits for midnight
      client.converse(request);

      assertThat(bedrock.requests()).hasSize(2);
      assertThat(listener.denials()).hasSize(1);
    }
  }

  @Test
  void aListenerIsTestedWithSamples() {
    RecordingListener listener = new RecordingListener();

    MeteredCall call =
        SampleCalls.converse()
            .model("anthropic.claude-sonnet-4-6")
            .tags("team", "search")
            .inputTokens(1_000)
            .outputTokens(500)
            .build();

    listener.onReserved(call);
    listener.onUsage(SampleEvents.completed(call).outputTokens(120).build());
    listener.onUsage(SampleEvents.failed(call, "ThrottlingException", 429).build());
    listener.onDenied(SampleEvents.denied(call, "team-daily", "the team has no budget today"));

    assertThat(listener.sequence())
        .containsExactly(
            "reserved", "usage:Completed", "usage:Failed ThrottlingException 429", "denied");
  }
}
