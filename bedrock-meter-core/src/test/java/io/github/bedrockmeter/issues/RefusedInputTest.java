// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** One caller's tag that the ledger cannot store denies that call, and no other. */
class RefusedInputTest {
  /** A ledger whose names end at 100 characters; it says so at once, or later. */
  private static final class ShortNames extends ForwardingLedger {
    private final boolean later;

    ShortNames(boolean later) {
      super(Ledger.inMemory());
      this.later = later;
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      if (later) {
        return CompletableFuture.supplyAsync(
                () -> {
                  LedgerSupport.checkScopes(holds, 100);
                  return holds;
                })
            .thenCompose(inner::hold);
      }
      LedgerSupport.checkScopes(holds, 100);
      return inner.hold(holds);
    }
  }

  private static void call(BedrockRuntimeClient client, String tenant) {
    client.converse(
        r ->
            r.modelId("model")
                .inferenceConfig(c -> c.maxTokens(10))
                .overrideConfiguration(BedrockMeter.tags("tenant", tenant)));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void aNameThatIsTooLongIsRefusedForThatCallAlone(boolean later, boolean failOpen) {
    BedrockRuntimeClient client =
        BedrockMeter.builder()
            .ledgerTimeout(Duration.ofSeconds(30))
            .ledger(new ShortNames(later))
            .failOpen(failOpen)
            .budget(
                Budget.named("b")
                    .limit(Amount.requests(1_000))
                    .window(Window.lifetime())
                    .per("tenant")
                    .build())
            .build()
            .wrap(CannedBedrock.client());

    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> call(client, "x".repeat(200)))
          .isInstanceOfSatisfying(
              BudgetExceededException.class,
              denied -> {
                assertThat(denied.denial().kind()).isEqualTo(DenialKind.INPUT_REFUSED);
                assertThat(denied)
                    .hasMessage(
                        "Input refused: budget 'b': the ledger cannot count it: a scope of budget"
                            + " 'b' must not have more than 100 characters: it has 207");
              });
      call(client, "good");
    }
  }
}
