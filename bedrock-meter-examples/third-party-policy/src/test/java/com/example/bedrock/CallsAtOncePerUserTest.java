// SPDX-License-Identifier: Apache-2.0
package com.example.bedrock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The policy through the front door: a metered client that talks to FakeBedrock. */
class CallsAtOncePerUserTest {
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final CallsAtOncePerUser policy = new CallsAtOncePerUser(1);
  private final RecordingListener listener = new RecordingListener();
  private final BedrockMeter meter =
      BedrockMeter.builder().policy(policy).listener(listener).build();

  @AfterEach
  void stop() {
    bedrock.close();
  }

  private static ConverseRequest hello(String user) {
    return ConverseRequest.builder()
        .modelId(SampleCalls.MODEL)
        .messages(
            Message.builder()
                .role(ConversationRole.USER)
                .content(ContentBlock.fromText("Hello"))
                .build())
        .overrideConfiguration(BedrockMeter.tags("user", user))
        .build();
  }

  @Test
  void aSecondCallOfTheSameUserIsNotSent() {
    bedrock.onAnyModel().replies(Reply.silence(), Reply.text("Hello"));
    BedrockRuntimeAsyncClient async = meter.wrap(bedrock.asyncClient());
    BedrockRuntimeClient client = meter.wrap(bedrock.client());
    CompletableFuture<ConverseResponse> unanswered = async.converse(hello("ada"));

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> client.converse(hello("ada")))
        .withMessageContaining("user 'ada' has as many calls in flight as allowed, 1");
    assertThat(listener.sequence()).containsExactly("reserved", "denied");

    unanswered.cancel(true);
  }

  @Test
  void oneCallAfterTheOtherIsSent() {
    bedrock.onAnyModel().reply(Reply.text("Hello"));
    BedrockRuntimeClient client = meter.wrap(bedrock.client());

    client.converse(hello("ada"));
    client.converse(hello("ada"));

    assertThat(bedrock.requests()).hasSize(2);
    assertThat(policy.inFlight("ada")).isZero();
  }

  @Test
  void aCallThatFailsGivesItsSlotBack() {
    bedrock.onAnyModel().reply(Reply.error(400, "ValidationException", "no"));
    BedrockRuntimeClient client = meter.wrap(bedrock.client());

    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> client.converse(hello("ada")));

    assertThat(policy.inFlight("ada")).isZero();
  }

  @Test
  void usersDoNotDisturbEachOther() {
    assertThat(policy.reserve(SampleCalls.converse().tags("user", "ada").build()))
        .isInstanceOf(Granted.class);
    assertThat(policy.reserve(SampleCalls.converse().tags("user", "grace").build()))
        .isInstanceOf(Granted.class);
  }

  @Test
  void aCallWithoutAUserIsDeniedWithWhatToDo() {
    BudgetDecision decision = policy.reserve(SampleCalls.converse().build());

    assertThat(decision).isInstanceOf(Denied.class);
    assertThat(((Denied) decision).kind()).isEqualTo(DenialKind.TAG_MISSING);
    assertThat(((Denied) decision).message()).contains("no tag 'user'", "BedrockMeter.tags");
  }

  @Test
  void aUserNeedsAtLeastOneCall() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CallsAtOncePerUser(0))
        .withMessageContaining("0");
  }
}
