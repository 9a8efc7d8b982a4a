// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** What is measured: one Converse request, and a meter of three budgets and a listener. */
final class Subject {
  private static final LongAdder EVENTS = new LongAdder();

  private Subject() {}

  /** Three budgets, of which one counts per model, the bundled catalogue and a listener. */
  static BedrockMeter meter(boolean stamps) {
    return BedrockMeter.builder()
        .stampCallId(stamps)
        .stampTags(stamps)
        .prices(PriceCatalog.bundled())
        .budget(dollars("hourly", Window.hourly(ZoneOffset.UTC)).build())
        .budget(dollars("daily", Window.daily(ZoneOffset.UTC)).build())
        .budget(dollars("monthly", Window.monthly(ZoneOffset.UTC)).perModel().build())
        .listener(
            new MeterListener() {
              @Override
              public void onUsage(UsageEvent event) {
                EVENTS.increment();
              }
            })
        .build();
  }

  private static Budget.Builder dollars(String name, Window window) {
    return Budget.named(name).limit(Amount.usd("1000000")).window(window);
  }

  /** How many calls have been metered. */
  static long events() {
    return EVENTS.sum();
  }

  static ConverseRequest request() {
    return ConverseRequest.builder()
        .modelId("amazon.nova-pro-v1:0")
        .messages(
            Message.builder()
                .role(ConversationRole.USER)
                .content(ContentBlock.fromText("Hello"))
                .build())
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  /** A client that answers at once, always the same. */
  static BedrockRuntimeClient constant(ConverseResponse response) {
    return new BedrockRuntimeClient() {
      @Override
      public ConverseResponse converse(ConverseRequest request) {
        return response;
      }

      @Override
      public String serviceName() {
        return "constant";
      }

      @Override
      public void close() {}
    };
  }
}
