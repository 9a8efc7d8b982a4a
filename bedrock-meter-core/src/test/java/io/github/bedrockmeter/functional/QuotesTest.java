// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.Quote;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** Estimates are 800 tokens in and at most 400 out: $0.008 + $0.02 on Claude. */
class QuotesTest {
  private final Scene scene =
      new Scene(
          s ->
              s.estimator((request, bound) -> Usage.ofTokens(800, 400))
                  .budget(
                      Budget.named("wide")
                          .limit(Amount.usd("10"))
                          .window(Window.lifetime())
                          .build())
                  .budget(
                      Budget.named("narrow")
                          .limit(Amount.usd("0.05"))
                          .window(Window.lifetime())
                          .build())
                  .budget(
                      Budget.named("nova-only")
                          .limit(Amount.requests(0))
                          .window(Window.lifetime())
                          .when(call -> call.modelId().equals(NOVA))
                          .build()));
  private final ConverseRequest request = Scene.converse(CLAUDE, 400);

  @AfterEach
  void close() {
    scene.close();
  }

  private static BigDecimal usd(Cost cost) {
    return cost.usd().orElseThrow();
  }

  @Test
  void aQuoteTellsLeastExpectedAndMostAndSendsNothing() {
    Quote quote = scene.meter.quote(request, Region.US_EAST_1);

    assertThat(usd(quote.least())).isEqualByComparingTo("0.001");
    assertThat(usd(quote.expected())).isEqualByComparingTo("0.007");
    assertThat(usd(quote.most())).isEqualByComparingTo("0.028");
    assertThat(((Cost.Known) quote.most()).lines()).hasSize(2);
    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).isEmpty();
    assertThat(quote).hasToString(CLAUDE + " (standard): $0.001 to $0.028, expected $0.007");
  }

  @Test
  void theMostIsWhatABudgetHolds() {
    scene.client.converse(request);

    assertThat(scene.meter.quote(request, Region.US_EAST_1).most())
        .isEqualTo(scene.listener.reserved().get(0).estimatedCost());
  }

  @Test
  void theBindingBudgetIsTheOneThatStopsSuchCallsFirst() {
    Quote.Binding before = scene.meter.quote(request, Region.US_EAST_1).binding().orElseThrow();
    assertThat(before.status().budget().name()).isEqualTo("narrow");
    assertThat(before.requested()).isEqualTo(Amount.usd("0.028"));
    assertThat(before.fits()).isTrue();

    scene.bedrock.on(CLAUDE).reply(Reply.text("long").inputTokens(800).outputTokens(400));
    scene.client.converse(request);

    Quote.Binding after = scene.meter.quote(request, Region.US_EAST_1).binding().orElseThrow();
    assertThat(after.status().available()).isEqualTo(Amount.usd("0.022"));
    assertThat(after.fits()).isFalse();
  }

  @Test
  void otherModelsAndTiersCompare() {
    Quote claude = scene.meter.quote(request, Region.US_EAST_1);
    Quote nova = claude.on(NOVA);

    assertThat(nova.modelId()).isEqualTo(NOVA);
    assertThat(usd(nova.most())).isLessThan(usd(claude.most()));
    assertThat(nova.binding().orElseThrow().status().budget().name()).isEqualTo("nova-only");
    assertThat(claude.onTier("flex").tier()).isEqualTo("flex");
  }

  @Test
  void countTokensIsAskedOnlyIfWanted() {
    Quote counted = scene.meter.quote(request, Region.US_EAST_1).counted(scene.bedrock.client());

    assertThat(scene.bedrock.requests())
        .singleElement()
        .satisfies(asked -> assertThat(asked.operation()).isEqualTo("CountTokens"));
    long tokens = counted.mostUsage().inputTokens();
    assertThat(tokens).isPositive().isNotEqualTo(800);
    assertThat(counted.leastUsage().inputTokens()).isEqualTo(tokens);
    assertThat(counted.mostUsage().outputTokens()).isEqualTo(400);
  }

  @Test
  void aRefusedCountLeavesTheQuoteAsItIs() {
    scene.bedrock.on(CLAUDE).reply(Reply.error(400, "ValidationException", "not supported"));
    Quote quote = scene.meter.quote(request, Region.US_EAST_1);

    assertThat(quote.counted(scene.bedrock.client())).isSameAs(quote);
  }

  @Test
  void countTokensIsAskedForTheBareModel() {
    scene
        .meter
        .quote(Scene.converse("us." + CLAUDE, 400), Region.US_EAST_1)
        .counted(scene.bedrock.client());

    assertThat(scene.bedrock.requests().get(0).modelId()).isEqualTo(CLAUDE);
  }

  @Test
  void whatHasNoQuoteIsSaidSo() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> scene.meter.quote(ApplyGuardrailRequest.builder().build(), Region.US_EAST_1))
        .withMessageContaining("ApplyGuardrailRequest");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scene.meter.quote(ConverseRequest.builder().build(), Region.US_EAST_1));
  }
}
