// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;

/** How do I make calls wait for a short window instead of failing? */
public final class WaitForRoom {
  private WaitForRoom() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .onAnyModel()
          .reply(Reply.text("Yes.").inputTokens(20).outputTokens(100).delay(Duration.ofMillis(50)));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("in-flight")
                      .limit(Amount.tokens(4_000))
                      .window(Window.minutely())
                      .waitUpTo(
                          Duration.ofSeconds(30)) // in order of arrival, without blocking a thread
                      .build())
              .build();
      BedrockRuntimeAsyncClient client = meter.wrap(bedrock.asyncClient());

      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 1; i <= 6; i++) {
        int number = i;
        calls.add(
            client
                .converse(
                    request ->
                        request
                            .modelId(Chats.NOVA_LITE)
                            .messages(Chats.user("Is it done?"))
                            .inferenceConfig(inference -> inference.maxTokens(1_500)))
                .thenRun(() -> System.out.println("call " + number + " answered")));
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
    }
  }
}
