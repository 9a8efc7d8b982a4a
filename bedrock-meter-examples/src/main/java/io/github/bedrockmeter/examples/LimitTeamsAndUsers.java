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
import java.util.Map;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I limit organisation, team and user, each by its own budget? */
public final class LimitTeamsAndUsers {
  private LimitTeamsAndUsers() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Yes.").inputTokens(20).outputTokens(200));

      BedrockMeter meter =
          BedrockMeter.builder()
              .requireTag("team") // a call without it is denied before it is sent
              .requireTag("user")
              .budget(monthly("organisation", "0.030").build())
              .budget(
                  monthly("team", "0.007")
                      .per("team")
                      .limits(Map.of("team=search", Amount.usd("0.020"))) // others: 0.007
                      .build())
              .budget(monthly("user", "0.010").per("team", "user").build())
              .prices(PriceCatalog.bundled())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      // A call is counted in all three budgets, or in none.
      for (String user : new String[] {"ann", "ann", "ann", "ben", "ben", "ben"}) {
        ask(client, "team", "search", "user", user);
      }
      for (int i = 0; i < 3; i++) {
        ask(client, "team", "ads", "user", "cleo");
      }
      ask(client, "team", "ads");

      meter
          .status()
          .join()
          .forEach(
              status ->
                  System.out.println(
                      status.budget().name()
                          + " "
                          + status.scope()
                          + ": "
                          + status.settled()
                          + " of "
                          + status.limit()));
    }
  }

  private static Budget.Builder monthly(String name, String dollars) {
    return Budget.named(name).limit(Amount.usd(dollars)).window(Window.monthly(ZoneOffset.UTC));
  }

  private static void ask(BedrockRuntimeClient client, String... tags) {
    try {
      client.converse(
          request ->
              request
                  .modelId(Chats.CLAUDE_SONNET)
                  .messages(Chats.user("Is it done?"))
                  .inferenceConfig(inference -> inference.maxTokens(250))
                  .overrideConfiguration(BedrockMeter.tags(tags)));
      System.out.println(String.join(" ", tags) + ": answered");
    } catch (BudgetExceededException denied) {
      System.out.println(String.join(" ", tags) + ": " + denied.getMessage());
    }
  }
}
