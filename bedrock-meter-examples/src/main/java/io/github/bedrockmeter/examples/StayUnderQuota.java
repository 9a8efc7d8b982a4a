// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.quota.ModelQuota;
import io.github.bedrockmeter.quota.ServiceQuotas;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** How do I stay under AWS's quota of tokens and requests, so that calls are not throttled? */
public final class StayUnderQuota {
  private static final ModelQuota QUOTA =
      ModelQuota.tokensPerMinute(200_000).withRequestsPerMinute(1_000);

  private StayUnderQuota() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("A haiku.").inputTokens(10).outputTokens(20));

      BedrockMeter patient =
          BedrockMeter.builder()
              .policy(
                  ServiceQuotas.builder()
                      .model(Chats.NOVA_LITE, QUOTA)
                      .share(1, 4) // one of four JVMs that share the account's quota
                      .headroomPercent(5) // up to 95 % in steady use, 5 % at once
                      .waitUpTo(Duration.ofSeconds(20))
                      .build())
              .build();
      BedrockRuntimeAsyncClient client = patient.wrap(bedrock.asyncClient());
      List<CompletableFuture<ConverseResponse>> answers =
          Stream.generate(() -> ask(client)).limit(20).toList();
      answers.forEach(CompletableFuture::join);
      System.out.println(answers.size() + " calls waited their turn and were answered");

      BedrockMeter impatient =
          BedrockMeter.builder()
              .policy(ServiceQuotas.builder().model(Chats.NOVA_LITE, QUOTA).build())
              .build();
      BedrockRuntimeClient other = impatient.wrap(bedrock.client());
      try {
        other.converse(
            request ->
                request
                    .modelId(Chats.NOVA_LITE)
                    .messages(Chats.user("Write a novel."))
                    .inferenceConfig(inference -> inference.maxTokens(60_000)));
      } catch (BudgetExceededException denied) {
        System.out.println(denied.getMessage());
      }
    }
  }

  private static CompletableFuture<ConverseResponse> ask(BedrockRuntimeAsyncClient client) {
    return client.converse(
        request ->
            request
                .modelId(Chats.NOVA_LITE)
                .messages(Chats.user("Write a haiku."))
                .inferenceConfig(inference -> inference.maxTokens(100)));
  }
}
