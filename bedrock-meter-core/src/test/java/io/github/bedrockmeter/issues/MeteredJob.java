// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** What an application with a copy of the library of its own does; loaded by its class loader. */
public final class MeteredJob
    implements BiFunction<BedrockRuntimeClient, BedrockRuntimeAsyncClient, List<String>> {
  /** Makes two metered calls, and returns the tags their events have. */
  @Override
  public List<String> apply(BedrockRuntimeClient client, BedrockRuntimeAsyncClient async) {
    List<String> tags = new CopyOnWriteArrayList<>();
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("calls")
                    .limit(Amount.requests(10))
                    .window(Window.lifetime())
                    .per("tenant")
                    .build())
            .listener(
                new MeterListener() {
                  @Override
                  public void onUsage(UsageEvent event) {
                    tags.add(event.call().tags().toString());
                  }
                })
            .build();
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId("amazon.nova-lite-v1:0")
            .messages(
                Message.builder()
                    .role(ConversationRole.USER)
                    .content(ContentBlock.fromText("Hello"))
                    .build())
            .inferenceConfig(c -> c.maxTokens(10))
            .overrideConfiguration(
                c -> {
                  BedrockMeter.tags("team", "search").accept(c);
                  BedrockMeter.abandonedStreams(AbandonedStreams.DRAIN).accept(c);
                })
            .build();
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("tenant", "acme"))) {
      meter.wrap(client).converse(request);
      meter.wrap(async).converse(request).join();
      if (scope == null || !meter.openCalls().isEmpty()) {
        throw new IllegalStateException("a call is open");
      }
    }
    meter.close();
    return tags;
  }
}
