// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I learn what each call used and cost, and when a budget runs low or denies a call? */
public final class ListenToEvents {
  private ListenToEvents() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(
              Reply.text("Done.").inputTokens(20).outputTokens(100).cacheWriteTokens("5m", 1_200));

      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("calls")
                      .limit(Amount.requests(2))
                      .window(Window.lifetime())
                      .warnAt(0.5)
                      .build())
              .prices(PriceCatalog.bundled())
              .listener(new Printing())
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      for (int i = 0; i < 3; i++) {
        try {
          client.converse(
              request -> request.modelId(Chats.CLAUDE_SONNET).messages(Chats.user("Hello")));
        } catch (BudgetExceededException denied) {
          // The listener has printed it.
        }
      }
    }
  }

  /** Runs on the thread that finished the call: hand slow work to a queue. */
  private static final class Printing implements MeterListener {
    @Override
    public void onUsage(UsageEvent event) {
      System.out.printf("%s cost %s:%n", event.call().modelId(), event.cost());
      event.usage().forEach((meter, count) -> System.out.printf("  %,5d %s%n", count, meter));
    }

    @Override
    public void onThreshold(ThresholdEvent event) {
      System.out.printf("Budget '%s': %s of %s%n", event.budget(), event.settled(), event.limit());
    }

    @Override
    public void onDenied(DenialEvent event) {
      System.out.printf("Denied: %s%n", event.denial().message());
    }
  }
}
