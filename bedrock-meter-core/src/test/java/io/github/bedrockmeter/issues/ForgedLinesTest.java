// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.CannedBedrock;
import org.junit.jupiter.api.Test;

/** A value from outside must not write a line of its own into a log. */
class ForgedLinesTest {
  private static final String FORGED =
      "acme\nConverse m Completed: 1 in\r\u001b[2K" + "x".repeat(9_000);

  private static String denialOf(BedrockMeter.Builder meter) {
    BudgetExceededException denied =
        catchThrowableOfType(
            BudgetExceededException.class,
            () ->
                meter
                    .build()
                    .wrap(CannedBedrock.client())
                    .converse(
                        r ->
                            r.modelId("m")
                                .overrideConfiguration(BedrockMeter.tags("tenant", FORGED))));
    return denied.getMessage();
  }

  private static void assertOneShortLine(String message) {
    assertThat(message).contains("acme\\n").hasLineCount(1).hasSizeLessThan(3_000);
    assertThat(message.chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void aScopeInADenialIsOnOneLine() {
    assertOneShortLine(
        denialOf(
            BedrockMeter.builder()
                .budget(
                    Budget.named("b")
                        .limit(Amount.requests(0))
                        .window(Window.lifetime())
                        .per("tenant")
                        .build())));
  }

  @Test
  void aReasonOfADenialIsOnOneLine() {
    assertOneShortLine(denialOf(BedrockMeter.builder().requireTag("tenant", "a", "b")));
    assertOneShortLine(
        denialOf(
            BedrockMeter.builder().policy(call -> BudgetDecision.denied("own\nname", FORGED))));
  }
}
