// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.ModelId;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I continue with a cheaper model when the budget of the expensive one is used up? */
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
                      .when(call -> "anthropic".equals(ModelId.of(call.modelId()).provider()))
                      .fallback(Chats.NOVA_LITE)
                      .build())
              .prices(PriceCatalog.bundled())
              .listener(
                  new MeterListener() {
                    @Override
                    public void onUsage(UsageEvent event) {
                      System.out.println(
                          "  asked for "
                              + event.call().requestedModel()
                              + ", sent to "
                              + event.call().modelId()
                              + " "
                              + event.call().amendments());
                    }
                  })
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      for (int i = 0; i < 4; i++) {
        System.out.println(answer(client, "What is a budget?"));
      }
    }
  }

  private static String answer(BedrockRuntimeClient client, String question) {
    return Chats.textOf(
        client.converse(
            request ->
                request
                    .modelId(Chats.CLAUDE_SONNET)
                    .messages(Chats.user(question))
                    .inferenceConfig(inference -> inference.maxTokens(500))));
  }
}
