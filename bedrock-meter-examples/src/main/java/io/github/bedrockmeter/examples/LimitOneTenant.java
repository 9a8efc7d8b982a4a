// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I stop one tenant at its limit while other tenants continue? */
public final class LimitOneTenant {
  private LimitOneTenant() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(Reply.text("A summary.").inputTokens(20).outputTokens(300));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("tenant-monthly")
                      .limit(Amount.usd("0.015"))
                      .window(Window.monthly(ZoneOffset.UTC))
                      .per("tenant") // one balance for each value of this tag
                      .build())
              .prices(PriceCatalog.bundled())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      for (String tenant : new String[] {"acme", "acme", "acme", "globex"}) {
        try {
          summarize(client, tenant);
          System.out.println(tenant + ": answered");
        } catch (BudgetExceededException denied) {
          System.out.println(tenant + ": " + denied.getMessage());
        }
      }
    }
  }

  private static void summarize(BedrockRuntimeClient client, String tenant) {
    client.converse(
        request ->
            request
                .modelId(Chats.CLAUDE_SONNET)
                .messages(Chats.user("Summarize this week's tickets."))
                .inferenceConfig(inference -> inference.maxTokens(400))
                .overrideConfiguration(BedrockMeter.tags("tenant", tenant)));
  }
}
