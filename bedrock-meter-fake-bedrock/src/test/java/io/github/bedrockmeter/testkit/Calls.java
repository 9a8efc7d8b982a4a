// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/** Requests and collected streams the tests share. */
final class Calls {

  static final String NOVA = "amazon.nova-lite-v1:0";
  static final String CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

  /** Long enough for a busy machine; no test waits for it to pass. */
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** The HTTP version of an asynchronous client. */
  enum Wire {
    DEFAULT_HTTP_2,
    HTTP_1_1;

    /** Shared by all tests, as the SDK takes two seconds to close one of its own. */
    private static final SdkEventLoopGroup LOOPS =
        SdkEventLoopGroup.create(new NioEventLoopGroup(2, new DefaultThreadFactory("http1", true)));

    BedrockRuntimeAsyncClient client(FakeBedrock bedrock) {
      return client(bedrock, atOnce());
    }

    BedrockRuntimeAsyncClient client(FakeBedrock bedrock, RetryStrategy retries) {
      var builder =
          bedrock.asyncClientBuilder().overrideConfiguration(c -> c.retryStrategy(retries));
      return this == DEFAULT_HTTP_2
          ? builder.build()
          : builder
              .httpClientBuilder(
                  NettyNioAsyncHttpClient.builder()
                      .protocol(Protocol.HTTP1_1)
                      .eventLoopGroup(LOOPS))
              .build();
    }
  }

  private Calls() {}

  /** The SDK's standard retries without their waits. */
  static StandardRetryStrategy atOnce() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .backoffStrategy(BackoffStrategy.retryImmediately())
        .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
        .build();
  }

  static Message user(String text) {
    return Message.builder().role("user").content(ContentBlock.fromText(text)).build();
  }

  static ConverseRequest converse(String modelId) {
    return ConverseRequest.builder().modelId(modelId).messages(user("Hi")).build();
  }

  static ConverseStreamRequest converseStream(String modelId) {
    return ConverseStreamRequest.builder().modelId(modelId).messages(user("Hi")).build();
  }

  static SdkBytes json(String json) {
    return SdkBytes.fromUtf8String(json);
  }

  /** Runs a ConverseStream to its end, however it ends. */
  static Collected<ConverseStreamOutput> stream(
      BedrockRuntimeAsyncClient client, ConverseStreamRequest request) {
    List<ConverseStreamOutput> events = new CopyOnWriteArrayList<>();
    return new Collected<>(
        events,
        failureOf(
            client.converseStream(
                request, ConverseStreamResponseHandler.builder().subscriber(events::add).build())));
  }

  /** Runs an InvokeModelWithResponseStream to its end and returns the JSON of its chunks. */
  static Collected<String> invokeStream(BedrockRuntimeAsyncClient client, String modelId) {
    List<String> chunks = new CopyOnWriteArrayList<>();
    InvokeModelWithResponseStreamResponseHandler.Visitor visitor =
        InvokeModelWithResponseStreamResponseHandler.Visitor.builder()
            .onChunk(chunk -> chunks.add(chunk.bytes().asUtf8String()))
            .build();
    return new Collected<>(
        chunks,
        failureOf(
            client.invokeModelWithResponseStream(
                r -> r.modelId(modelId).body(json("{}")),
                InvokeModelWithResponseStreamResponseHandler.builder()
                    .subscriber(visitor)
                    .build())));
  }

  private static @Nullable Throwable failureOf(CompletableFuture<Void> call) {
    try {
      call.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("the stream did not end", e);
    }
  }

  /**
   * A stream that is over.
   *
   * @param failure what its future failed with, null if it succeeded
   */
  record Collected<T>(List<T> events, @Nullable Throwable failure) {

    List<String> types() {
      return events.stream()
          .map(e -> ((ConverseStreamOutput) e).sdkEventType().toString())
          .collect(Collectors.toList());
    }

    String text() {
      StringBuilder text = new StringBuilder();
      visit(
          ConverseStreamResponseHandler.Visitor.builder()
              .onContentBlockDelta(delta -> text.append(delta.delta().text()))
              .build());
      return text.toString();
    }

    List<TokenUsage> usages() {
      List<TokenUsage> usages = new CopyOnWriteArrayList<>();
      visit(
          ConverseStreamResponseHandler.Visitor.builder()
              .onMetadata(metadata -> usages.add(metadata.usage()))
              .build());
      return usages;
    }

    private void visit(ConverseStreamResponseHandler.Visitor visitor) {
      events.forEach(e -> ((ConverseStreamOutput) e).accept(visitor));
    }
  }
}
