// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I try a budget out, raise it for a while, or stop a team at once? */
public final class ChangeBudgetsAtRunTime {
  private ChangeBudgetsAtRunTime() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Yes.").inputTokens(20).outputTokens(200));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("team-daily")
                      .limit(Amount.usd("0.0075"))
                      .window(Window.daily(ZoneOffset.UTC))
                      .per("team")
                      .mode(Budget.Mode.SHADOW) // reports what it would deny, and denies nothing
                      .build())
              .prices(PriceCatalog.bundled())
              .listener(
                  new MeterListener() {
                    @Override
                    public void onDenied(DenialEvent event) {
                      System.out.println(
                          (event.enforced() ? "  denied: " : "  would deny: ")
                              + event.denial().message());
                    }

                    @Override
                    public void onBudgetChanged(BudgetChange change) {
                      System.out.println("  " + change);
                    }
                  })
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());
      BudgetControl budget = meter.control("team-daily");

      ask(client);
      ask(client);
      budget.mode(Budget.Mode.ENFORCE, "a week in shadow was fine");
      ask(client);
      budget.grant(
          new Grant(
              "team=search",
              Amount.usd("0.01"),
              Instant.now().plus(Duration.ofDays(3)),
              "launch week"));
      ask(client);
      budget.credit("team=search", Amount.usd("0.002"), "answers were lost").join();
      budget.freeze("team=search", "prompt leaked");
      ask(client);
      budget.thaw("team=search", "prompt changed");
      ask(client);
    }
  }

  private static void ask(BedrockRuntimeClient client) {
    try {
      client.converse(
          request ->
              request
                  .modelId(Chats.CLAUDE_SONNET)
                  .messages(Chats.user("Is it done?"))
                  .inferenceConfig(inference -> inference.maxTokens(250))
                  .overrideConfiguration(BedrockMeter.tags("team", "search")));
      System.out.println("answered");
    } catch (BudgetExceededException denied) {
      System.out.println("not answered");
    }
  }
}
