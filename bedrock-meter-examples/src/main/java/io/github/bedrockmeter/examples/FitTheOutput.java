// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I get a shorter answer instead of none when the budget is nearly used up? */
public final class FitTheOutput {
  private FitTheOutput() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .onAnyModel()
          .reply(Reply.text("An answer of some length.").inputTokens(20).outputTokens(600));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("daily")
                      .limit(Amount.usd("0.04"))
                      .window(Window.daily(ZoneOffset.UTC))
                      .onShortfall(Budget.OnShortfall.FIT_OUTPUT)
                      .leastOutputTokens(500) // a shorter answer would be useless
                      .build())
              .prices(PriceCatalog.bundled())
              .listener(
                  new MeterListener() {
                    @Override
                    public void onReserved(MeteredCall call) {
                      System.out.println("sent " + call.amendments());
                    }
                  })
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      try {
        while (true) {
          client.converse(
              request ->
                  request
                      .modelId(Chats.CLAUDE_SONNET)
                      .messages(Chats.user("Explain budgets to me."))
                      .inferenceConfig(inference -> inference.maxTokens(2_000)));
        }
      } catch (BudgetExceededException denied) {
        System.out.println(denied.getMessage());
      }
    }
  }
}
