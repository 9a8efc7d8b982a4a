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
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** How do I go on with a cheaper model when the budget of the dear one is used up? */
public final class DenyWithFallbackModel {
  private DenyWithFallbackModel() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(Reply.text("Claude's answer").inputTokens(15).outputTokens(400));
      bedrock
          .on(Chats.NOVA_LITE)
          .reply(Reply.text("Nova's answer").inputTokens(15).outputTokens(400));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("claude-monthly")
                      .limit(Amount.usd("0.02"))
                      .window(Window.monthly(ZoneOffset.UTC))
                      .when(call -> call.modelId().startsWith("anthropic."))
                      .build())
              .prices(PriceCatalog.bundled())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      for (int i = 0; i < 3; i++) {
        System.out.println(Chats.textOf(answer(client, "What is a budget?")));
      }
    }
  }

  private static ConverseResponse answer(BedrockRuntimeClient client, String question) {
    try {
      return ask(client, Chats.CLAUDE_SONNET, question);
    } catch (BudgetExceededException denied) {
      // Nothing was sent, so nothing is lost but the better model.
      System.out.println(denied.getMessage());
      return ask(client, Chats.NOVA_LITE, question);
    }
  }

  private static ConverseResponse ask(BedrockRuntimeClient client, String model, String question) {
    return client.converse(
        request ->
            request
                .modelId(model)
                .messages(Chats.user(question))
                .inferenceConfig(inference -> inference.maxTokens(500)));
  }
}
