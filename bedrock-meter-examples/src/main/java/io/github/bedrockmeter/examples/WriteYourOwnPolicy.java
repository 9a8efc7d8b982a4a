// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.ModelId;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I write a rule that no budget can express? */
public final class WriteYourOwnPolicy {
  private WriteYourOwnPolicy() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Hello."));

      BedrockMeter meter =
          BedrockMeter.builder()
              .policy(
                  call ->
                      "anthropic".equals(ModelId.of(call.modelId()).provider())
                              && !"research".equals(call.tags().get("team"))
                          ? BudgetDecision.denied(
                              "claude-for-research",
                              "only team research may call Claude; call " + Chats.NOVA_LITE)
                          : BudgetDecision.granted())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      ask(client, "research", Chats.CLAUDE_SONNET);
      ask(client, "support", Chats.NOVA_LITE);
      ask(client, "support", Chats.CLAUDE_SONNET);
    }
  }

  private static void ask(BedrockRuntimeClient client, String team, String model) {
    try {
      client.converse(
          request ->
              request
                  .modelId(model)
                  .messages(Chats.user("Hello"))
                  .overrideConfiguration(BedrockMeter.tags("team", team)));
      System.out.println(team + " called " + model);
    } catch (BudgetExceededException denied) {
      System.out.println(team + " was stopped: " + denied.getMessage());
    }
  }
}
