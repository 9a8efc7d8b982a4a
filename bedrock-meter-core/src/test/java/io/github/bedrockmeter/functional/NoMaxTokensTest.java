// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** Calls whose request sets no limit on its output. */
class NoMaxTokensTest {
  /** Knows that Claude writes 64,000 tokens at most, and nothing of the others. */
  private static final PriceBook LIMITED =
      new PriceBook() {
        @Override
        public Cost costOf(PriceKey key, Usage usage) {
          return Scene.PRICES.costOf(key, usage);
        }

        @Override
        public ModelLimits limitsOf(String modelId) {
          return modelId.equals(Scene.CLAUDE)
              ? new ModelLimits(200_000L, 64_000L, Set.of())
              : ModelLimits.UNKNOWN;
        }
      };

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<Budget.Builder> settings) {
    scene.close();
    Budget.Builder budget = Budget.named("b").limit(Amount.usd("10")).window(Window.lifetime());
    scene = new Scene(s -> s.prices(LIMITED).budget(settings.apply(budget).build()));
  }

  private static ConverseRequest unlimited(String model) {
    return ConverseRequest.builder().modelId(model).messages(Scene.user("Hello")).build();
  }

  private MeteredCall reserved() {
    return scene.listener.reserved().get(0);
  }

  private String sent() {
    return scene.bedrock.requests().get(scene.bedrock.requests().size() - 1).bodyText();
  }

  @Test
  void theModelsOwnMaximumIsHeldAndIsABound() {
    with(b -> b);

    scene.client.converse(unlimited(Scene.CLAUDE));

    assertThat(reserved().estimate().outputTokens()).isEqualTo(64_000);
    assertThat(reserved().estimate().isBound()).isTrue();
    assertThat(reserved().estimate().assumptions())
        .extracting(Assumption::kind)
        .containsExactly(Assumption.Kind.MODEL_MAXIMUM);
  }

  @Test
  void whereItIsNotKnownTheEstimateSaysThatItIsAssumed() {
    with(b -> b);

    scene.client.converse(unlimited(Scene.NOVA));

    assertThat(reserved().estimate().outputTokens()).isEqualTo(8_192);
    assertThat(reserved().estimate().isBound()).isFalse();
    assertThat(reserved().estimate().assumptions().get(0).why()).contains("assumed");
    assertThat(scene.meter.quote(unlimited(Scene.NOVA), Region.US_EAST_1).mostUsage().isBound())
        .isFalse();
  }

  @Test
  void aCallWithALimitRestsOnNothing() {
    with(b -> b);

    scene.client.converse(Scene.converse(Scene.CLAUDE, 100));

    assertThat(reserved().estimate().assumptions()).isEmpty();
  }

  private void assertDeniedWithRemedy(DenialKind kind) {
    assertThatThrownBy(() -> scene.client.converse(unlimited(Scene.CLAUDE)))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            denied -> assertThat(denied.denial().kind()).isEqualTo(kind))
        .hasMessageContaining("the model's own maximum of 64000 output tokens is held")
        .hasMessageContaining("inferenceConfig(c -> c.maxTokens(1000))")
        .hasMessageContaining("defaultMaxTokens(1000)");
  }

  @Test
  void aSmallBudgetSaysWhyItRefusesAndWhatMendsIt() {
    with(b -> b.limit(Amount.usd("1")));

    assertDeniedWithRemedy(DenialKind.NEVER_FITS);
  }

  @Test
  void soDoesABudgetWithTooLittleLeft() {
    with(b -> b.limit(Amount.usd("3.3")));
    scene.bedrock.onAnyModel().reply(Reply.text("x").inputTokens(10).outputTokens(4_000));
    scene.client.converse(Scene.converse(Scene.CLAUDE, 4_000));

    assertDeniedWithRemedy(DenialKind.OVER_LIMIT);
  }

  @Test
  void aBudgetMayRequireALimit() {
    with(Budget.Builder::requireMaxTokens);

    assertThatThrownBy(() -> scene.client.converse(unlimited(Scene.CLAUDE)))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            denied -> assertThat(denied.denial().kind()).isEqualTo(DenialKind.NO_MAX_TOKENS));
    assertThatThrownBy(() -> scene.client.converse(unlimited(Scene.NOVA)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageStartingWith("No maxTokens: budget 'b'");
    scene.client.converse(Scene.converse(Scene.CLAUDE, 100));
    assertThat(scene.bedrock.requests()).hasSize(1);
  }

  @Test
  void aBudgetMayRequireABound() {
    with(Budget.Builder::requireBound);

    assertThatThrownBy(() -> scene.client.converse(unlimited(Scene.NOVA)))
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            denied -> assertThat(denied.denial().kind()).isEqualTo(DenialKind.NO_BOUND));
    scene.client.converse(unlimited(Scene.CLAUDE));
    scene.client.converse(Scene.converse(Scene.NOVA, 100));
    assertThat(scene.bedrock.requests()).hasSize(2);
  }

  @Test
  void aBudgetOfRequestsAsksForNoBoundOfTokens() {
    with(b -> b.limit(Amount.requests(5)).requireBound());

    scene.client.converse(unlimited(Scene.NOVA));

    assertThat(scene.bedrock.requests()).hasSize(1);
  }

  @Test
  void aBudgetSetsItsDefaultAndSaysSo() {
    with(b -> b.defaultMaxTokens(1_000).requireMaxTokens());

    scene.client.converse(unlimited(Scene.CLAUDE));

    assertThat(sent()).contains("\"maxTokens\":1000");
    assertThat(reserved().estimate().outputTokens()).isEqualTo(1_000);
    assertThat(reserved().amendments())
        .containsExactly(new Amendment.LoweredOutput("b", 64_000, 1_000));
  }

  @Test
  void streamsGetItToo() {
    with(b -> b.defaultMaxTokens(1_000));

    Scene.await(
        scene.async.converseStream(
            ConverseStreamRequest.builder()
                .modelId(Scene.CLAUDE)
                .messages(Scene.user("Hello"))
                .build(),
            new StreamCollector.Converse()));

    assertThat(sent()).contains("\"maxTokens\":1000");
  }

  @Test
  void aDefaultIsNeverAboveTheModelsMaximum() {
    with(b -> b.limit(Amount.usd("1000")).defaultMaxTokens(100_000));

    scene.client.converse(unlimited(Scene.CLAUDE));

    assertThat(sent()).contains("\"maxTokens\":64000");
  }

  @Test
  void aCallThatSetsALimitKeepsIt() {
    with(b -> b.defaultMaxTokens(1_000));

    scene.client.converse(Scene.converse(Scene.CLAUDE, 2_000));

    assertThat(sent()).contains("\"maxTokens\":2000");
    assertThat(reserved().amendments()).isEmpty();
  }

  @Test
  void aBodyGetsItInItsFamilysField() {
    with(b -> b.limit(Amount.tokens(1_000_000)).defaultMaxTokens(1_000));
    String[][] bodies = {
      {
        Scene.NOVA,
        "{\"messages\":[]}",
        "{\"inferenceConfig\":{\"maxTokens\":1000},\"messages\":[]}"
      },
      {
        Scene.NOVA,
        "{ \"inferenceConfig\" : {\"topP\":1},\"messages\":[]}",
        "{ \"inferenceConfig\" : {\"maxTokens\":1000,\"topP\":1},\"messages\":[]}"
      },
      {
        "meta.llama3-8b-instruct-v1:0",
        "{\"prompt\":\"ä\"}",
        "{\"max_gen_len\":1000,\"prompt\":\"ä\"}"
      },
      {"mistral.mistral-7b-instruct-v0:2", "{}", "{\"max_tokens\":1000}"},
      {
        "amazon.titan-text-lite-v1",
        "{\"inputText\":\"x\",\"textGenerationConfig\":{}}",
        "{\"inputText\":\"x\",\"textGenerationConfig\":{\"maxTokenCount\":1000}}"
      }
    };
    for (String[] body : bodies) {
      scene.client.invokeModel(
          InvokeModelRequest.builder()
              .modelId(body[0])
              .body(SdkBytes.fromUtf8String(body[1]))
              .build());

      assertThat(sent()).isEqualTo(body[2]);
    }
    assertThat(scene.listener.reserved())
        .allSatisfy(call -> assertThat(call.estimate().outputTokens()).isEqualTo(1_000));
  }

  @Test
  void whereBedrockWouldRefuseALimitNoneIsSet() {
    with(b -> b.limit(Amount.tokens(1_000_000)).defaultMaxTokens(1_000));
    Document high =
        Document.mapBuilder()
            .putDocument(
                "reasoningConfig",
                Document.mapBuilder().putString("maxReasoningEffort", "high").build())
            .build();

    scene.client.converse(
        unlimited("amazon.nova-2-lite-v1:0").toBuilder()
            .additionalModelRequestFields(high)
            .build());

    assertThat(sent()).doesNotContain("maxTokens");
  }
}
