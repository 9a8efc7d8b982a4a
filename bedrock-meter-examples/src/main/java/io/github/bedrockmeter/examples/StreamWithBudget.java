// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;

/** What does a budget do to a stream, and how does the caller learn of a denial? */
public final class StreamWithBudget {
  private StreamWithBudget() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.NOVA_LITE)
          .reply(Reply.text("Once upon a time").chunks(4).inputTokens(15).outputTokens(700));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("stories")
                      .limit(Amount.tokens(1_500))
                      .window(Window.lifetime())
                      .build())
              .build();
      BedrockRuntimeAsyncClient client = meter.wrap(bedrock.asyncClient());

      story(client); // reserves 1,000 output tokens and is charged the 700 it produced
      story(client); // another 1,000 do not fit, so this call is not sent
    }
  }

  private static void story(BedrockRuntimeAsyncClient client) {
    ConverseStreamResponseHandler handler =
        ConverseStreamResponseHandler.builder()
            .subscriber(
                ConverseStreamResponseHandler.Visitor.builder()
                    .onContentBlockDelta(event -> System.out.print(event.delta().text()))
                    .onMetadata(
                        event ->
                            System.out.println(" (" + event.usage().outputTokens() + " tokens)"))
                    .build())
            .onError(failure -> System.out.println("The handler receives: " + failure.getMessage()))
            .build();

    CompletableFuture<Void> stream =
        client.converseStream(
            request ->
                request
                    .modelId(Chats.NOVA_LITE)
                    .messages(Chats.user("Write a story."))
                    .inferenceConfig(inference -> inference.maxTokens(1_000)),
            handler);
    try {
      stream.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof BudgetExceededException denied) {
        System.out.println("The future fails: " + denied.denial().available() + " left");
      }
    }
  }
}
