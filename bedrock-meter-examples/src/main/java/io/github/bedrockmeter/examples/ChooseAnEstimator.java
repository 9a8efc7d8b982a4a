// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.Estimators;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** How much does a budget hold for a call in flight, and how do I lower that amount? */
public final class ChooseAnEstimator {
  private static final int CALLS = 200;

  private ChooseAnEstimator() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      AtomicInteger calls = new AtomicInteger();
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(
              request ->
                  Reply.text("An answer.")
                      .inputTokens(300)
                      .outputTokens(40 + calls.getAndIncrement() * 37 % 120));

      // The default, always an upper bound: every byte counts as a token, and all of maxTokens.
      run("bound", bedrock, UsageEstimator.bound());

      // Learns from the calls; one in a hundred may use more than its estimate.
      run("calibrated", bedrock, Estimators.calibrated(0.99));

      // Bedrock counts the input; the output is learned.
      run(
          "counted",
          bedrock,
          Estimators.countTokens(
              bedrock.asyncClient(), Estimators.calibrated(0.99), Duration.ofMillis(500)));
    }
  }

  private static void run(String name, FakeBedrock bedrock, UsageEstimator estimator) {
    Estimators.Summary summary = new Estimators.Summary();
    BedrockMeter meter =
        BedrockMeter.builder()
            .estimator(estimator)
            .prices(PriceCatalog.bundled())
            .listener(summary)
            .build();
    BedrockRuntimeClient client = meter.wrap(bedrock.client());
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId(Chats.CLAUDE_SONNET)
            .messages(Chats.user("Summarize this ticket. ".repeat(50)))
            .inferenceConfig(inference -> inference.maxTokens(1_000))
            .build();

    for (int i = 0; i < CALLS; i++) {
      client.converse(request);
    }

    System.out.println(
        name + ": the next call would hold " + meter.quote(request, Region.US_EAST_1).most());
    System.out.println(summary);
  }
}
