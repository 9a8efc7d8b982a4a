// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.testkit.CannedBedrock;
import org.junit.jupiter.api.Test;

/** A call that one budget sends to a model, and another one away from it, is denied. */
class FallbacksInACircleTest {
  private static Budget noneOf(String model, String instead) {
    return Budget.named("no-" + model)
        .limit(Amount.requests(0))
        .window(Window.lifetime())
        .when(call -> call.modelId().equals(model))
        .fallback(instead)
        .build();
  }

  @Test
  void budgetsThatFallBackToEachOthersModelsDenyTheCall() {
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(noneOf("big", "small"))
            .budget(noneOf("small", "big"))
            .build();

    assertThatThrownBy(
            () -> meter.wrap(CannedBedrock.client()).converse(request -> request.modelId("big")))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("budget 'no-big'");
  }
}
