// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.Estimators;
import io.github.bedrockmeter.Estimators.Summary.Tokens;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** Answers take 50 of 1,000 tokens, prompts 400 of a bound of 1,000 and some. */
class CalibratedTest {
  private final Estimators.Summary summary = new Estimators.Summary();
  private Scene scene = new Scene(s -> s.estimator(Estimators.calibrated(0.99)).listener(summary));

  CalibratedTest() {
    answering(Reply.text("Hi").inputTokens(400).outputTokens(50));
  }

  private void answering(Reply reply) {
    scene.bedrock.onAnyModel().reply(reply);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private static ConverseRequest request(String model, int maxTokens) {
    return Scene.converse(model, maxTokens).toBuilder()
        .messages(Scene.user("x".repeat(1_000)))
        .build();
  }

  private void call(int times, String model, int maxTokens) {
    for (int i = 0; i < times; i++) {
      scene.client.converse(request(model, maxTokens));
    }
  }

  private Usage estimate(String model, int maxTokens) {
    return scene.meter.quote(request(model, maxTokens), Region.US_EAST_1).mostUsage();
  }

  @Test
  void theBoundStandsForTheFirstHundredCalls() {
    call(100, CLAUDE, 1_000);

    assertThat(scene.listener.reserved())
        .allSatisfy(call -> assertThat(call.estimate()).isSameAs(call.bound()));
    assertThat(estimate(CLAUDE, 1_000).inputTokens()).isBetween(400L, 410L);
    assertThat(estimate(CLAUDE, 1_000).outputTokens()).isBetween(50L, 55L);
  }

  @Test
  void aBudgetHoldsTheEstimateAndTheEventTellsItBesideTheBound() {
    call(101, CLAUDE, 1_000);

    UsageEvent last = scene.listener.usages().get(100);
    MeteredCall call = last.call();
    assertThat(call.estimate().outputTokens()).isLessThan(call.bound().outputTokens());
    assertThat(call.estimatedCost())
        .isEqualTo(Scene.PRICES.costOf(call.pricing(), call.estimate()));
    assertThat(last.usage().outputTokens()).isLessThanOrEqualTo(call.estimate().outputTokens());
  }

  @Test
  void modelsAndSizesAreLearnedApart() {
    call(100, CLAUDE, 1_000);

    assertThat(estimate(NOVA, 1_000).outputTokens()).isEqualTo(1_000);
    assertThat(estimate("us." + CLAUDE, 1_000).outputTokens()).isEqualTo(1_000);
    assertThat(estimate(CLAUDE, 60).outputTokens()).isEqualTo(60);
    assertThat(estimate(CLAUDE, 1_500).outputTokens()).isLessThan(80);
  }

  @Test
  void cachedTokensArePartOfThePrompt() {
    answering(
        Reply.text("Hi")
            .inputTokens(100)
            .cacheReadTokens(200)
            .cacheWriteTokens("5m", 100)
            .outputTokens(50));
    call(100, CLAUDE, 1_000);

    assertThat(estimate(CLAUDE, 1_000).inputTokens()).isBetween(400L, 410L);
  }

  @Test
  void callsThatWereNotReportedTeachNothing() {
    answering(Reply.text("Hi").withoutUsage());
    call(60, CLAUDE, 1_000);
    answering(Reply.text("Hi").guardrailIntervened());
    call(60, CLAUDE, 1_000);

    assertThat(estimate(CLAUDE, 1_000).outputTokens()).isEqualTo(1_000);
  }

  @Test
  void guardrailUnitsAreHeldForThePromptsCharactersAndNotItsTokens() {
    call(100, CLAUDE, 1_000);
    BedrockRuntimeRequest guarded =
        request(CLAUDE, 1_000).toBuilder()
            .messages(Scene.user("x".repeat(1_900)))
            .guardrailConfig(g -> g.guardrailIdentifier("gr").guardrailVersion("1"))
            .build();

    Usage held = scene.meter.quote(guarded, Region.US_EAST_1).mostUsage();

    assertThat(held.inputTokens()).isLessThan(1_000);
    // 1,900 characters of prompt and 8 x 51 of the answer, and two units begun.
    assertThat(held.other().values()).containsOnly(4L);
  }

  @Test
  void everyEstimatorThatListensIsToldOnce() {
    List<String> told = new ArrayList<>();
    class Learning implements UsageEstimator, MeterListener {
      @Override
      public Usage estimate(BedrockRuntimeRequest request, Usage bound) {
        return bound;
      }

      @Override
      public void onReserved(MeteredCall call) {
        told.add("reserved");
      }

      @Override
      public void onUsage(UsageEvent event) {
        told.add("usage");
      }
    }
    Learning learning = new Learning();
    for (boolean registeredToo : new boolean[] {false, true}) {
      told.clear();
      scene.close();
      scene =
          new Scene(
              s ->
                  registeredToo ? s.estimator(learning).listener(learning) : s.estimator(learning));
      call(1, CLAUDE, 1_000);

      assertThat(told).containsExactly("reserved", "usage");
    }
  }

  @Test
  void theSummaryTellsHowTightEstimatesWereBesideTheBound() {
    call(200, CLAUDE, 1_000);
    answering(Reply.text("Hi").inputTokens(400).outputTokens(150));
    call(1, CLAUDE, 1_000);
    call(1, NOVA, 1_000);

    assertThat(summary.rows())
        .extracting(Estimators.Summary.Row::modelId)
        .containsExactly(NOVA, CLAUDE);
    Estimators.Summary.Row claude = summary.rows().get(1);
    assertThat(claude.calls()).isEqualTo(201);
    Tokens output = claude.output();
    assertThat(output.bound()).isEqualTo(201_000);
    assertThat(output.actual()).isEqualTo(200 * 50 + 150);
    assertThat(output.exceeded()).isEqualTo(1);
    assertThat(output.excess()).isBetween(95L, 100L);
    assertThat(output.boundTightness()).isEqualTo(new BigDecimal("0.050"));
    assertThat(output.tightness()).isBetween(new BigDecimal("0.090"), new BigDecimal("0.110"));
    assertThat(claude.input().exceeded()).isZero();
    assertThat(summary.toString().lines()).hasSize(5).allMatch(line -> line.length() < 120);
    assertThat(summary.toString()).containsSubsequence("of bound", NOVA, CLAUDE, "5.0 %");
  }

  @Test
  void modelsBeyondAThousandShareARowOfTheSummary() {
    BedrockRuntimeClient client = scene.meter.wrap(CannedBedrock.client());
    for (int i = 0; i < 1_010; i++) {
      client.converse(Scene.converse("model-" + i, 100));
    }

    assertThat(summary.rows()).hasSize(1_001);
    assertThat(summary.rows().get(0).modelId()).isEqualTo("(others)");
    assertThat(summary.rows().get(0).calls()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.89, 0.99991, 1, 99, Double.NaN})
  void quantilesThatMeanNothingAreRefused(double quantile) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Estimators.calibrated(quantile))
        .withMessageContaining(String.valueOf(quantile));
  }
}
