// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;

class SyncCallsTest {
  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private Scene withBudget(Budget budget) {
    scene.close();
    scene = new Scene(settings -> settings.budget(budget));
    return scene;
  }

  @Test
  void aConverseCallIsReadPricedAndTold() {
    scene
        .bedrock
        .on(CLAUDE)
        .reply(
            Reply.text("Hi")
                .inputTokens(10)
                .outputTokens(20)
                .cacheReadTokens(1_000)
                .cacheWriteTokens("5m", 200)
                .cacheWriteTokens("1h", 100)
                .requestId("req-1"));

    ConverseResponse response = scene.client.converse(Scene.converse(CLAUDE, 100));

    assertThat(response.output().message().content().get(0).text()).isEqualTo("Hi");
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.requestId()).isEqualTo("req-1");
    assertThat(event.call().operation()).isEqualTo("Converse");
    assertThat(event.call().region()).isEqualTo("us-east-1");
    assertThat(event.usage().inputTokens()).isEqualTo(10);
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.usage().cacheReadTokens()).isEqualTo(1_000);
    assertThat(event.usage().cacheWrite5mTokens()).isEqualTo(200);
    assertThat(event.usage().cacheWrite1hTokens()).isEqualTo(100);
    assertThat(event.usage().source()).isEqualTo(Source.BODY);
    // 10*10 + 20*50 + 1000*1 + 200*12.5 + 100*20 = 6600 per million
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0066"));
    assertThat(event.anomalies()).isEmpty();
  }

  @Test
  void theConsumerOverloadIsMeteredToo() {
    scene.client.converse(r -> r.modelId(CLAUDE).messages(Scene.user("Hello")));

    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
  }

  @Test
  void anInvokeModelCallIsReadFromItsBody() {
    scene.bedrock.on(CLAUDE).reply(Reply.text("Hi").inputTokens(10).outputTokens(20));

    InvokeModelResponse response = scene.client.invokeModel(Scene.invokeClaude(100));

    assertThat(response.body().asUtf8String()).contains("Hi");
    UsageEvent event = scene.listener.usage();
    assertThat(event.call().operation()).isEqualTo("InvokeModel");
    assertThat(event.usage().inputTokens()).isEqualTo(10);
    assertThat(event.usage().outputTokens()).isEqualTo(20);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0011"));
  }

  @Test
  void theEstimateIsAnUpperBoundOfInputPlusMaxTokens() {
    scene.client.converse(Scene.converse(CLAUDE, 100));

    var estimate = scene.listener.usage().call().estimate();
    assertThat(estimate.inputTokens()).isBetween(5L, 100L);
    assertThat(estimate.outputTokens()).isEqualTo(100);
    assertThat(estimate.source()).isEqualTo(Source.ESTIMATED);
  }

  @Test
  void aDeniedCallIsNeverSentAndSaysWhatToDo() {
    Budget budget =
        Budget.named("acme-daily")
            .limit(Amount.usd("25.00"))
            .window(Window.daily(ZoneOffset.UTC))
            .build();
    scene.close();
    scene =
        new Scene(
            settings ->
                settings.budget(budget).estimator((request, bound) -> Usage.ofTokens(0, 22_000)));
    scene.bedrock.on(CLAUDE).reply(Reply.text("long").inputTokens(0).outputTokens(491_600));
    scene.client.converse(Scene.converse(CLAUDE, 22_000));
    scene.bedrock.clearRequests();

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 22_000)))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            denied -> {
              assertThat(denied.denial().retryAfter()).isEqualTo(Duration.ofHours(3));
              assertThat(denied.statusCode()).isEqualTo(402);
              assertThat(denied.retryable()).isFalse();
            })
        .hasMessage(
            "Over limit: budget 'acme-daily' has $0.42 left; the call was estimated at $1.10; resets in 3h");

    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed", "denied");
  }

  @Test
  void aServiceErrorReleasesAndReachesTheCallerAsItIs() {
    withBudget(
        Budget.named("day").limit(Amount.usd("1")).window(Window.daily(ZoneOffset.UTC)).build());
    scene.bedrock.on(CLAUDE).reply(Reply.error(400, "ValidationException", "no such thing"));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("no such thing");

    UsageEvent event = scene.listener.usage();
    assertThat(event.outcome())
        .isInstanceOfSatisfying(
            CallOutcome.Failed.class,
            failed -> {
              assertThat(failed.error()).isEqualTo("ValidationException");
              assertThat(failed.statusCode()).isEqualTo(400);
              assertThat(failed.requestId()).isNotNull();
            });
    assertThat(event.charge()).isEqualTo(Charge.RELEASED);
    assertThat(event.cost()).isEqualTo(Cost.NOTHING);
    assertThat(status().held()).isEqualTo(Amount.usd("0"));
    assertThat(status().settled()).isEqualTo(Amount.usd("0"));
  }

  @Test
  void retriesOfTheSdkAreOneCall() {
    scene.bedrock.on(CLAUDE).replies(Reply.throttled(), Reply.text("Hi").outputTokens(7));

    scene.client.converse(Scene.converse(CLAUDE, 100));

    assertThat(scene.bedrock.requests()).hasSize(2);
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
    assertThat(scene.listener.usage().usage().outputTokens()).isEqualTo(7);
  }

  @Test
  void throttledToTheEndIsReleased() {
    scene.bedrock.on(CLAUDE).reply(Reply.throttled());

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(ThrottlingException.class);

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void aCallThatIsNotAnsweredIsChargedAtItsEstimate() {
    withBudget(
        Budget.named("day").limit(Amount.usd("1")).window(Window.daily(ZoneOffset.UTC)).build());
    scene.bedrock.on(CLAUDE).reply(Reply.silence());

    BedrockRuntimeClient impatient =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMillis(300)))
                .build());
    assertThatThrownBy(() -> impatient.converse(Scene.converse(CLAUDE, 100)))
        .hasMessageContaining("timeout");
    impatient.close();

    UsageEvent event = scene.listener.usage();
    assertThat(event.charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(event.usage()).isEqualTo(event.call().estimate());
    assertThat(status().settled().units())
        .isEqualTo(((Cost.Known) event.call().estimatedCost()).nanoUsd());
    assertThat(status().held().units()).isZero();
  }

  @Test
  void aCallThatNeverConnectedIsReleased() {
    String gone = "http://127.0.0.1:1";
    BedrockRuntimeClient nobody =
        scene.meter.wrap(
            scene
                .bedrock
                .clientBuilder()
                .endpointOverride(URI.create(gone))
                .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
                .build());

    // Refused at once, or given up after the time a connection may take: either way never sent.
    assertThatThrownBy(() -> nobody.converse(Scene.converse(CLAUDE, 100)))
        .isInstanceOf(SdkClientException.class);
    nobody.close();

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void aCallWithoutCredentialsIsReleasedWhereSendingIsSeen() {
    try (BedrockRuntimeClient anonymous = scene.meter.wrap(anonymous())) {
      assertThatThrownBy(() -> anonymous.converse(Scene.converse(CLAUDE, 100)))
          .hasMessageContaining("Unable to load credentials");
    }

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.SEEN);
  }

  /** What an exception's text or stack says proves nothing. */
  @Test
  void aCallWithoutCredentialsIsChargedWhereSendingIsInferred() {
    try (BedrockRuntimeClient anonymous = scene.meter.wrap(anonymous().build())) {
      assertThatThrownBy(() -> anonymous.converse(Scene.converse(CLAUDE, 100)))
          .hasMessageContaining("Unable to load credentials");
    }

    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(scene.listener.usage().sent()).isEqualTo(Sent.INFERRED);
  }

  private BedrockRuntimeClientBuilder anonymous() {
    return scene
        .bedrock
        .clientBuilder()
        .credentialsProvider(
            () -> {
              throw SdkClientException.create("Unable to load credentials");
            });
  }

  /** An interceptor might fill it in later; then the call would not be counted. */
  @Test
  void aRequestWithoutAModelIsDenied() {
    assertThatThrownBy(() -> scene.client.converse(r -> r.messages(Scene.user("Hello"))))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("must name a modelId");

    assertThat(scene.listener.sequence()).containsExactly("denied");
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void aModelWithoutAPriceIsUnknownAndADollarBudgetDeniesIt() {
    scene.client.converse(Scene.converse("meta.llama9-v1:0", 100));
    assertThat(scene.listener.usage().cost())
        .isEqualTo(new Cost.Unknown("no price for model 'meta.llama9-v1:0'"));

    withBudget(
        Budget.named("day").limit(Amount.usd("1")).window(Window.daily(ZoneOffset.UTC)).build());
    assertThatThrownBy(() -> scene.client.converse(Scene.converse("meta.llama9-v1:0", 100)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessage(
            "No price: budget 'day': its cost is unknown: no price for model"
                + " 'meta.llama9-v1:0'; give the model a price, or set the budget's unknownPrice"
                + " to CONSERVATIVE or ALLOW");
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void theTierOfTheResponseSetsThePrice() {
    scene.close();
    List<String> tiers = new CopyOnWriteArrayList<>();
    scene =
        new Scene(
            settings ->
                settings.prices(
                    (key, usage) -> {
                      tiers.add(key.tier());
                      return new Cost.Unknown("only the key matters here");
                    }));
    scene.bedrock.on(NOVA).reply(Reply.text("Hi").serviceTier("flex"));

    scene.client.converse(
        Scene.converse(NOVA, 100).toBuilder().serviceTier(t -> t.type("priority")).build());

    // The estimate is the dearer of what is asked and what Bedrock may fall back to.
    assertThat(tiers).containsExactly("priority", "standard", "flex");
  }

  @Test
  void aSecondMeterAroundAMeteredClientIsRefused() {
    assertThatThrownBy(() -> scene.meter.wrap(scene.client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("metered already");
  }

  @Test
  void otherOperationsPassThrough() {
    assertThat(scene.client.serviceName()).isEqualTo("bedrock");
    assertThat(scene.client.serviceClientConfiguration().region().id()).isEqualTo("us-east-1");
    var counted =
        scene.client.countTokens(
            r -> r.modelId(CLAUDE).input(i -> i.converse(c -> c.messages(Scene.user("Hello")))));

    assertThat(counted.inputTokens()).isPositive();
    assertThat(scene.listener.sequence()).isEmpty();
  }

  private BudgetStatus status() {
    return Scene.await(scene.meter.status()).get(0);
  }
}
