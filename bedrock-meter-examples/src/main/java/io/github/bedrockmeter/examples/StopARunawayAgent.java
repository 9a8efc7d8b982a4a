// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I stop an agent that does not stop by itself? */
public final class StopARunawayAgent {
  private StopARunawayAgent() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .onAnyModel()
          .reply(Reply.text("Let me think again.").inputTokens(50).outputTokens(80));

      BedrockMeter meter =
          BedrockMeter.builder()
              .requireTag("runId")
              .budget(
                  Budget.named("run")
                      .limit(Amount.usd("0.01"))
                      .window(Window.untilIdle(Duration.ofMinutes(30)))
                      .per("runId") // a balance for each run, removed when the run has ended
                      .build())
              .prices(PriceCatalog.bundled())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      int steps = 0;
      BedrockMeter.Scope run = BedrockMeter.openScope(Tags.of("runId", "run-17"));
      try {
        while (true) {
          client.converse(
              request ->
                  request
                      .modelId(Chats.CLAUDE_SONNET)
                      .messages(Chats.user("What is the next step?"))
                      .inferenceConfig(inference -> inference.maxTokens(100)));
          steps++;
        }
      } catch (BudgetExceededException denied) {
        System.out.println("stopped after " + steps + " steps: " + denied.getMessage());
      } finally {
        run.close();
      }
    }
  }
}
