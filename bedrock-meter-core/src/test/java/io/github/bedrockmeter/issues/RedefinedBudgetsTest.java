// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.budget.Budget.Grant;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was changed by hand stays changed under a new definition, and means what it meant. */
class RedefinedBudgetsTest {
  private static Budget.Builder budget(Amount limit) {
    return Budget.named("b").limit(limit).window(Window.lifetime());
  }

  private static BudgetStatus status(BedrockMeter meter) {
    return meter.status().join().get(0);
  }

  @Test
  void aGrantOfDollarsIsNoGrantOfTokens() {
    BedrockMeter meter = BedrockMeter.builder().budget(budget(Amount.usd("1")).build()).build();
    meter.control("b").grant(new Grant("", Amount.usd("50"), Instant.MAX, "launch"));

    meter.replaceBudgets(List.of(budget(Amount.tokens(1_000)).build()), "count tokens");

    assertThat(status(meter).limit()).isEqualTo(Amount.tokens(1_000));
  }

  @Test
  void whatWasFrozenByHandAgainStaysFrozen() {
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(budget(Amount.requests(9)).freeze("", "not before Monday").build())
            .build();
    meter.control("b").thaw("", "it is Monday");
    meter.control("b").freeze("", "runaway agent");

    meter.replaceBudgets(List.of(budget(Amount.requests(9)).build()), "new file");

    assertThat(status(meter).frozen()).isEqualTo("runaway agent");
  }

  @Test
  void whatWasThawedByHandStaysThawed() {
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(budget(Amount.requests(9)).freeze("", "not before Monday").build())
            .build();
    meter.control("b").thaw("", "it is Monday");

    meter.replaceBudgets(
        List.of(budget(Amount.requests(8)).freeze("", "not before Monday").build()), "new file");

    assertThat(status(meter).frozen()).isNull();
  }
}
