// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.usage.Meter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** A server, a meter and its clients, as an application would put them together. */
final class Scene implements AutoCloseable {
  static final String CLAUDE = "anthropic.claude-sonnet-4-6";
  static final String NOVA = "amazon.nova-lite-v1:0";

  /** Round prices, so that a reader can follow the sums: 10 dollars a million in, 50 out. */
  static final PriceBook PRICES =
      PriceBook.of(
          Map.of(
              CLAUDE,
              Rates.builder("test")
                  .perMillion(Meter.INPUT, "10")
                  .perMillion(Meter.OUTPUT, "50")
                  .perMillion(Meter.CACHE_READ, "1")
                  .perMillion(Meter.CACHE_WRITE_5M, "12.5")
                  .perMillion(Meter.CACHE_WRITE_1H, "20")
                  .build(),
              NOVA,
              Rates.builder("test")
                  .perMillion(Meter.INPUT, "0.06")
                  .perMillion(Meter.OUTPUT, "0.24")
                  .build()));

  final FakeBedrock bedrock = FakeBedrock.start();
  final FakeTime time = FakeTime.at("2026-11-23T21:00:00Z");
  final RecordingListener listener = new RecordingListener();
  final BedrockMeter meter;
  final BedrockRuntimeClient client;
  final BedrockRuntimeAsyncClient async;

  Scene(UnaryOperator<BedrockMeter.Builder> settings) {
    meter =
        settings
            .apply(
                BedrockMeter.builder()
                    .prices(PRICES)
                    .listener(listener)
                    .clock(time)
                    .nanoClock(time))
            .build();
    client = meter.wrap(bedrock.client());
    async = meter.wrap(bedrock.asyncClient());
  }

  static Scene unlimited() {
    return new Scene(settings -> settings);
  }

  static Message user(String text) {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText(text))
        .build();
  }

  static ConverseRequest converse(String modelId, int maxTokens) {
    return ConverseRequest.builder()
        .modelId(modelId)
        .messages(user("Hello"))
        .inferenceConfig(c -> c.maxTokens(maxTokens))
        .build();
  }

  static ConverseStreamRequest converseStream(String modelId, int maxTokens) {
    return ConverseStreamRequest.builder()
        .modelId(modelId)
        .messages(user("Hello"))
        .inferenceConfig(c -> c.maxTokens(maxTokens))
        .build();
  }

  static InvokeModelRequest invokeClaude(int maxTokens) {
    return InvokeModelRequest.builder().modelId(CLAUDE).body(claudeBody(maxTokens)).build();
  }

  static InvokeModelWithResponseStreamRequest invokeClaudeStream(int maxTokens) {
    return InvokeModelWithResponseStreamRequest.builder()
        .modelId(CLAUDE)
        .body(claudeBody(maxTokens))
        .build();
  }

  /**
   * An InvokeModel request or its stream with metadata of its own, in the field for it; in the
   * header where the SDK is older than the field.
   */
  @SuppressWarnings("unchecked") // a builder builds the type of request that it is made from
  static <R extends BedrockRuntimeRequest> R withMetadata(R request, String json) {
    BedrockRuntimeRequest.Builder builder = request.toBuilder();
    boolean hasField = false;
    for (SdkField<?> field : request.sdkFields()) {
      if (field.memberName().equals("requestMetadata")) {
        field.set(builder, json);
        hasField = true;
      }
    }
    if (!hasField) {
      builder.overrideConfiguration(c -> c.putHeader("X-Amzn-Bedrock-Request-Metadata", json));
    }
    return (R) builder.build();
  }

  private static SdkBytes claudeBody(int maxTokens) {
    return SdkBytes.fromUtf8String(
        """
        {"anthropic_version":"bedrock-2023-05-31","max_tokens":%d,
         "messages":[{"role":"user","content":"Hello"}]}"""
            .formatted(maxTokens));
  }

  /** Waits for a future, with a bound that only a bug reaches. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new AssertionError("the future failed", failed.getCause());
    } catch (Exception late) {
      throw new AssertionError("the future did not complete", late);
    }
  }

  @Override
  public void close() {
    bedrock.close();
  }
}
