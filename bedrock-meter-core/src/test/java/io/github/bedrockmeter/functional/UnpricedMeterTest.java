// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.UnknownPrice;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A meter without a price does not spoil what has one. */
class UnpricedMeterTest {
  /** Cache reads have no price; the highest that is known is two dollars. */
  private static final PriceBook NO_CACHE_PRICE =
      new PriceBook() {
        private final Rates known =
            Rates.builder("test")
                .perMillion(Meter.INPUT, "10")
                .perMillion(Meter.OUTPUT, "50")
                .build();
        private final Rates highest =
            Rates.builder("test")
                .perMillion(Meter.INPUT, "10")
                .perMillion(Meter.OUTPUT, "50")
                .perMillion(Meter.CACHE_READ, "2")
                .build();

        @Override
        public Cost costOf(PriceKey key, Usage usage) {
          return known.costOf(usage);
        }

        @Override
        public Cost conservativeCostOf(PriceKey key, Usage usage) {
          return highest.costOf(usage);
        }
      };

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"DENY", "CONSERVATIVE"})
  void theRestIsChargedExactlyAndTheMeterAtTheHighestRate(UnknownPrice setting) {
    with(setting, NO_CACHE_PRICE);
    scene.bedrock.onAnyModel().reply(cached());

    scene.client.converse(Scene.converse(CLAUDE, 20_000));

    // 100 x 10 + 20 x 50 + 23,900 x 2 millionths, not the $1.0001 that was held
    assertThat(status().settled()).isEqualTo(Amount.usd("0.0498"));
    assertThat(scene.listener.usage().cost()).isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void aLenientBudgetChargesThePricedPartAlone() {
    with(UnknownPrice.ALLOW, NO_CACHE_PRICE);
    scene.bedrock.onAnyModel().reply(cached());

    scene.client.converse(Scene.converse(CLAUDE, 20_000));

    assertThat(status().settled()).isEqualTo(Amount.usd("0.002"));
  }

  @Test
  void whereNoRateIsKnownAtAllTheHoldIsCharged() {
    with(UnknownPrice.DENY, (key, usage) -> NO_CACHE_PRICE.costOf(key, usage));
    scene.bedrock.onAnyModel().reply(cached());

    scene.client.converse(Scene.converse(CLAUDE, 20_000));

    assertThat(status().settled()).isEqualTo(Amount.usd("1.0001"));
  }

  private void with(UnknownPrice setting, PriceBook prices) {
    scene.close();
    scene =
        new Scene(
            s ->
                s.prices(prices)
                    .estimator((request, bound) -> Usage.ofTokens(10, 20_000))
                    .budget(
                        Budget.named("dollars")
                            .limit(Amount.usd("5"))
                            .window(Window.lifetime())
                            .unknownPrice(setting)
                            .build()));
  }

  private static Reply cached() {
    return Reply.text("Hi").inputTokens(100).outputTokens(20).cacheReadTokens(23_900);
  }

  private BudgetStatus status() {
    return Scene.await(scene.meter.status()).get(0);
  }
}
