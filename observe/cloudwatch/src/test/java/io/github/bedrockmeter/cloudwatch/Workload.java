// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelAliases;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/** Calls of every kind through a meter over a fake server, with a canary wherever text can be. */
final class Workload implements AutoCloseable {
  static final String CLAUDE = "anthropic.claude-sonnet-4-6";
  static final String UNPRICED = "amazon.nova-unheard-of-v1:0";
  static final String REFUSING = "amazon.nova-pro-v1:0";
  static final String BREAKING = "amazon.nova-lite-v1:0";
  static final String SLOW = "amazon.nova-micro-v1:0";
  static final String PROFILE =
      "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl";
  static final String CANARY = "CANARY-7f3a";

  final FakeBedrock bedrock = FakeBedrock.start();
  final RecordingListener events = new RecordingListener();
  final BedrockMeter meter;
  private final BedrockRuntimeClient client;
  private final BedrockRuntimeAsyncClient async;

  Workload(MeterListener sink) {
    Rates rates =
        Rates.builder("test")
            .perMillion(Meter.INPUT, "3.33")
            .perMillion(Meter.OUTPUT, "15.07")
            .perMillion(Meter.CACHE_READ, "0.333")
            .perMillion(Meter.CACHE_WRITE_5M, "3.751")
            .build();
    meter =
        BedrockMeter.builder()
            .prices(
                PriceBook.of(
                    Map.of(
                        CLAUDE, rates, REFUSING, rates, BREAKING, rates, SLOW, rates, PROFILE,
                        rates)))
            .modelAliases(ModelAliases.none().with("sales", PROFILE))
            .budget(
                Budget.named("per-centre")
                    .limit(Amount.requests(50))
                    .window(Window.lifetime())
                    .per("costCenter")
                    .limits(Map.of("costCenter=poor", Amount.requests(1)))
                    .build())
            .budget(
                Budget.named("shadowed")
                    .limit(Amount.tokens(1))
                    .window(Window.daily(ZoneOffset.UTC))
                    .when(call -> "shadow".equals(call.tags().get("costCenter")))
                    .mode(Budget.Mode.SHADOW)
                    .build())
            .listener(sink)
            .listener(events)
            .build();
    client = meter.wrap(bedrock.client());
    async = meter.wrap(bedrock.asyncClient());
    Reply answer =
        Reply.text(CANARY)
            .inputTokens(1_234)
            .outputTokens(56)
            .cacheReadTokens(789)
            .cacheWriteTokens(77);
    bedrock.onAnyModel().reply(answer);
    bedrock.on(REFUSING).reply(Reply.error(400, "ValidationException", CANARY));
    bedrock
        .on(BREAKING)
        .reply(Reply.text(CANARY + " in several chunks").chunks(4).dropAfterChunks(2));
    bedrock.on(SLOW).reply(answer.delay(Duration.ofMinutes(5)));
  }

  private static Message[] question() {
    return new Message[] {
      Message.builder()
          .role(ConversationRole.USER)
          .content(ContentBlock.fromText(CANARY + " in the prompt"))
          .build(),
      Message.builder()
          .role(ConversationRole.ASSISTANT)
          .content(
              ContentBlock.fromToolUse(
                  t ->
                      t.toolUseId("1")
                          .name("search")
                          .input(Document.mapBuilder().putString("q", CANARY).build())))
          .build(),
      Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText("go on")).build()
    };
  }

  private static ConverseRequest request(String model, String costCenter) {
    return ConverseRequest.builder()
        .modelId(model)
        .system(SystemContentBlock.fromText(CANARY + " in the system prompt"))
        .messages(question())
        .inferenceConfig(c -> c.maxTokens(100))
        .overrideConfiguration(
            BedrockMeter.tags(
                "costCenter",
                costCenter,
                "applicationId",
                "crm",
                "environment",
                "prod",
                "team",
                "équipe \ud83d\ude80"))
        .build();
  }

  void call(String model, String costCenter) {
    try {
      client.converse(request(model, costCenter));
    } catch (BudgetExceededException denied) {
      // Counted by what is tested.
    } catch (SdkException failed) {
      // As well.
    }
  }

  CompletableFuture<?> callAsync(String model, String costCenter) {
    return async.converse(request(model, costCenter));
  }

  CompletableFuture<?> stream(String model, String costCenter) {
    ConverseStreamRequest request =
        ConverseStreamRequest.builder()
            .modelId(model)
            .messages(question())
            .inferenceConfig(c -> c.maxTokens(100))
            .overrideConfiguration(BedrockMeter.tags("costCenter", costCenter))
            .build();
    return async.converseStream(
        request, ConverseStreamResponseHandler.builder().subscriber(event -> {}).build());
  }

  /** Every outcome, on every kind of client. */
  void run() throws Exception {
    for (int i = 0; i < 5; i++) {
      call(CLAUDE, "centre-" + i % 3);
      callAsync(CLAUDE, "centre-" + i % 3).get(60, TimeUnit.SECONDS);
      stream(CLAUDE, "centre-" + i % 3).get(60, TimeUnit.SECONDS);
    }
    call("sales", "centre-0");
    call(UNPRICED, "centre-1");
    call(REFUSING, "centre-1");
    stream(BREAKING, "centre-2").exceptionally(broken -> null).get(60, TimeUnit.SECONDS);
    for (int i = 0; i < 4; i++) {
      call(CLAUDE, "poor");
    }
    call(CLAUDE, "shadow");
    CompletableFuture<?> left = callAsync(SLOW, "centre-2");
    try {
      left.get(1, TimeUnit.MILLISECONDS);
      throw new AssertionError("the slow model answered");
    } catch (TimeoutException expected) {
      left.cancel(true);
    }
    // The last event of all, so that what comes before it has been published.
    call(CLAUDE, "centre-0");
  }

  @Override
  public void close() {
    meter.close();
    client.close();
    async.close();
    bedrock.close();
  }
}
