// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

class SamplesTest {

  @Test
  void aSampleCallIsAnOrdinaryCall() {
    MeteredCall call = SampleCalls.converse().build();

    assertThat(call.operation()).isEqualTo("Converse");
    assertThat(call.modelId()).isEqualTo(call.requestedModel()).isEqualTo(SampleCalls.MODEL);
    assertThat(call.region()).isEqualTo("us-east-1");
    assertThat(call.bound()).isEqualTo(call.estimate());
    assertThat(call.estimate().source()).isEqualTo(Source.ESTIMATED);
    assertThat(call.estimate().totalTokens()).isEqualTo(1_500);
    assertThat(call.estimatedCost().usd()).contains(new BigDecimal("0.0035"));
    assertThat(call.amendments()).isEmpty();
  }

  @Test
  void everySampleCallHasAnIdOfItsOwn() {
    assertThat(SampleCalls.converse().build().id())
        .isNotEqualTo(SampleCalls.converse().build().id());
  }

  @Test
  void whatIsSetIsInTheCall() {
    MeteredCall call =
        SampleCalls.of("InvokeModel")
            .id("one")
            .model("anthropic.claude-sonnet-4-6")
            .requestedModel("best")
            .region(null)
            .tier("flex")
            .tags("team", "search")
            .inputTokens(10)
            .outputTokens(20)
            .count(Meter.CACHE_READ, 30)
            .bound(Usage.ofTokens(100, 200))
            .unpriced("no price for the model")
            .build();

    assertThat(call.id()).isEqualTo("one");
    assertThat(call.modelId()).isEqualTo("anthropic.claude-sonnet-4-6");
    assertThat(call.requestedModel()).isEqualTo("best");
    assertThat(call.region()).isNull();
    assertThat(call.pricing().tier()).isEqualTo("flex");
    assertThat(call.tags()).isEqualTo(Tags.of("team", "search"));
    assertThat(call.estimate().totalTokens()).isEqualTo(60);
    assertThat(call.bound().totalTokens()).isEqualTo(300);
    assertThat(call.estimatedCost()).isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void aNegativeCountIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleCalls.converse().inputTokens(-1).build())
        .withMessageContaining("-1");
  }

  @Test
  void aCompletedCallIsChargedForWhatItReports() {
    MeteredCall call = SampleCalls.converse().build();

    UsageEvent event =
        SampleEvents.completed(call).outputTokens(100).elapsed(Duration.ofSeconds(2)).build();

    assertThat(event.call()).isSameAs(call);
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.usage()).isEqualTo(Usage.ofTokens(1_000, 100));
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0015"));
    assertThat(event.elapsedNanos()).isEqualTo(2_000_000_000L);
    assertThat(event.stream()).isNull();
  }

  @Test
  void aFailedCallCostsNothing() {
    UsageEvent event =
        SampleEvents.failed(SampleCalls.converse().build(), "ThrottlingException", 429).build();

    assertThat(event.outcome()).hasToString("Failed ThrottlingException 429");
    assertThat(event.charge()).isEqualTo(Charge.RELEASED);
    assertThat(event.usage()).isEqualTo(Usage.NONE);
    assertThat(event.cost()).isEqualTo(Cost.NOTHING);
  }

  @Test
  void aStreamThatBreaksOffIsChargedAtItsEstimate() {
    MeteredCall call = SampleCalls.converseStream().build();

    UsageEvent event = SampleEvents.truncated(call).build();

    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage()).isEqualTo(call.estimate());
    assertThat(event.cost()).isEqualTo(call.estimatedCost());
    assertThat(event.stream()).isNotNull().extracting(StreamFacts::abandoned).isNotNull();
    assertThat(SampleEvents.cancelled(call).build().outcome())
        .isEqualTo(new CallOutcome.Cancelled());
  }

  @Test
  void theEventOfAnUnpricedCallHasAnUnknownCost() {
    MeteredCall call = SampleCalls.converse().unpriced("no price for the model").build();

    assertThat(SampleEvents.completed(call).inputTokens(5).build().cost())
        .isEqualTo(new Cost.Unknown("no price for the model"));
  }

  @Test
  void aDenialNamesThePolicyAndTheReason() {
    DenialEvent denial =
        SampleEvents.denied(SampleCalls.converse().build(), "hours", "come back at 9:00");

    assertThat(denial.enforced()).isTrue();
    assertThat(denial.denial().message()).contains("hours", "come back at 9:00");
  }

  /** The samples look like what a meter makes of a real call. */
  @Test
  void aSampleLooksLikeTheEventOfARealCall() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .prices(PriceBook.of(Map.of(SampleCalls.MODEL, SampleCalls.RATES)))
            .listener(listener)
            .build();
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Hello").inputTokens(12).outputTokens(3));

      ask(meter.wrap(bedrock.client()));
    }

    UsageEvent real = listener.usage();
    UsageEvent sample =
        SampleEvents.completed(SampleCalls.converse().tags("team", "search").build())
            .inputTokens(12)
            .outputTokens(3)
            .build();
    assertThat(sample.outcome()).isEqualTo(real.outcome());
    assertThat(sample.charge()).isEqualTo(real.charge());
    assertThat(sample.usage()).isEqualTo(real.usage());
    assertThat(sample.cost()).isEqualTo(real.cost());
    assertThat(sample.attempts()).isEqualTo(real.attempts());
    assertThat(sample.stream()).isEqualTo(real.stream());
    assertThat(sample.call().tags()).isEqualTo(real.call().tags());
    assertThat(sample.call().operation()).isEqualTo(real.call().operation());
    assertThat(sample.call().estimate().source()).isEqualTo(real.call().estimate().source());
  }

  private static void ask(BedrockRuntimeClient client) {
    Message question =
        Message.builder()
            .role(ConversationRole.USER)
            .content(ContentBlock.fromText("Hello"))
            .build();
    client.converse(
        request ->
            request
                .modelId(SampleCalls.MODEL)
                .messages(question)
                .overrideConfiguration(BedrockMeter.tags("team", "search")));
  }

  @Test
  void aRecordingListenerKeepsTheSequence() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("one-call")
                    .limit(Amount.requests(1))
                    .window(Window.lifetime())
                    .build())
            .listener(listener)
            .build();
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Hello"));
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      ask(client);
      assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> ask(client));
    }

    assertThat(listener.sequence())
        .startsWith("reserved", "usage:Completed")
        .endsWith("denied")
        .doesNotContain("settlementFailed");
    assertThat(listener.denials())
        .singleElement()
        .extracting(DenialEvent::enforced)
        .isEqualTo(true);
  }
}
