// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** How do I put a meter around my Bedrock client? */
public final class WrapAClient {
  private WrapAClient() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.NOVA_LITE)
          .reply(Reply.text("It is sunny.").inputTokens(20).outputTokens(500));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("daily")
                      .limit(Amount.usd("1.00"))
                      .window(Window.daily(ZoneOffset.UTC))
                      .build())
              .prices(PriceCatalog.bundled())
              .build();
      // In production: meter.wrap(BedrockRuntimeClient.create())
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      // The rest is the AWS SDK as before: the same interface, request and response.
      ConverseResponse response =
          client.converse(
              request ->
                  request
                      .modelId(Chats.NOVA_LITE)
                      .messages(Chats.user("How is the weather?"))
                      .inferenceConfig(inference -> inference.maxTokens(500)));
      System.out.println("Answer: " + Chats.textOf(response));

      for (BudgetStatus status : meter.status().join()) {
        System.out.printf(
            "Budget '%s': %s spent, %s left%n",
            status.budget().name(), status.settled(), status.available());
      }
    }
  }
}
