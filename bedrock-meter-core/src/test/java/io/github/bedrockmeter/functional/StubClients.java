// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import io.github.bedrockmeter.BedrockMeter;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/**
 * Clients without a network, fast enough for 100,000 calls, that answer, fail and hang up at
 * random. What they use stays within the request's {@code maxTokens} and 100 input tokens.
 */
final class StubClients {

  /** A failure that is none of the SDK's. */
  static final class Crash extends RuntimeException {
    Crash() {
      super("crash");
    }
  }

  private final Executor network;
  private final AtomicLong seeds = new AtomicLong();

  StubClients(Executor network) {
    this.network = network;
  }

  static ConverseRequest converse(RandomGenerator random) {
    return ConverseRequest.builder()
        .modelId("model-" + random.nextInt(2))
        .inferenceConfig(c -> c.maxTokens(1 + random.nextInt(1_000)))
        .overrideConfiguration(BedrockMeter.tags("team", "team-" + random.nextInt(4)))
        .build();
  }

  static ConverseStreamRequest converseStream(RandomGenerator random) {
    return ConverseStreamRequest.builder()
        .modelId("model-" + random.nextInt(2))
        .inferenceConfig(c -> c.maxTokens(1 + random.nextInt(1_000)))
        .overrideConfiguration(BedrockMeter.tags("team", "team-" + random.nextInt(4)))
        .build();
  }

  private RandomGenerator random() {
    return new SplittableRandom(seeds.incrementAndGet());
  }

  private static TokenUsage usage(RandomGenerator random, int maxTokens) {
    int input = random.nextInt(101);
    int output = random.nextInt(maxTokens + 1);
    return TokenUsage.builder()
        .inputTokens(input)
        .outputTokens(output)
        .totalTokens(input + output)
        .build();
  }

  private static RuntimeException failure(int kind) {
    return switch (kind) {
      case 0 -> ThrottlingException.builder().statusCode(429).message("slow down").build();
      case 1 -> ApiCallTimeoutException.builder().message("too late").build();
      case 2 -> SdkClientException.create("no way", new ConnectException("refused"));
      default -> new Crash();
    };
  }

  private ConverseResponse answer(ConverseRequest request) {
    RandomGenerator random = random();
    int fate = random.nextInt(20);
    if (fate < 4) {
      throw failure(fate);
    }
    ConverseResponse.Builder response = ConverseResponse.builder();
    if (fate != 4) {
      response.usage(usage(random, request.inferenceConfig().maxTokens()));
    }
    return response.build();
  }

  BedrockRuntimeClient sync() {
    return new BedrockRuntimeClient() {
      @Override
      public ConverseResponse converse(ConverseRequest request) {
        return answer(request);
      }

      @Override
      public String serviceName() {
        return "stub";
      }

      @Override
      public void close() {}
    };
  }

  BedrockRuntimeAsyncClient async() {
    return new BedrockRuntimeAsyncClient() {
      @Override
      public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
        return CompletableFuture.supplyAsync(() -> answer(request), network);
      }

      @Override
      public CompletableFuture<Void> converseStream(
          ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        network.execute(() -> stream(request, handler, future));
        return future;
      }

      @Override
      public String serviceName() {
        return "stub";
      }

      @Override
      public void close() {}
    };
  }

  /** One attempt of a stream: some text, then its metadata, or an end of another kind. */
  private void stream(
      ConverseStreamRequest request,
      ConverseStreamResponseHandler handler,
      CompletableFuture<Void> future) {
    RandomGenerator random = random();
    int fate = random.nextInt(20);
    if (fate < 3) {
      RuntimeException failure = failure(fate);
      handler.exceptionOccurred(failure);
      future.completeExceptionally(failure);
      return;
    }
    List<ConverseStreamOutput> events = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      events.add(
          ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("word ")).build());
    }
    boolean broken = fate == 3 || fate == 4;
    boolean truncated = fate == 5;
    if (!broken && !truncated) {
      TokenUsage usage = usage(random, request.inferenceConfig().maxTokens());
      events.add(ConverseStreamOutput.metadataBuilder().usage(usage).build());
    }
    handler.responseReceived(ConverseStreamResponse.builder().build());
    handler.onEventStream(
        SdkPublisher.adapt(
            subscriber ->
                subscriber.onSubscribe(
                    new Emission(
                        subscriber,
                        events,
                        () -> {
                          if (broken) {
                            RuntimeException failure = failure(1);
                            handler.exceptionOccurred(failure);
                            future.completeExceptionally(failure);
                          } else {
                            handler.complete();
                            future.complete(null);
                          }
                        },
                        () -> future.complete(null)))));
  }

  /** Hands out events on demand, on the thread that asks, as the SDK's publishers may. */
  private static final class Emission implements Subscription {
    private final Subscriber<? super ConverseStreamOutput> subscriber;
    private final List<ConverseStreamOutput> events;
    private final Runnable end;
    private final Runnable cancelled;
    private int next;
    private boolean over;
    private boolean emitting;
    private long demand;

    Emission(
        Subscriber<? super ConverseStreamOutput> subscriber,
        List<ConverseStreamOutput> events,
        Runnable end,
        Runnable cancelled) {
      this.subscriber = subscriber;
      this.events = events;
      this.end = end;
      this.cancelled = cancelled;
    }

    @Override
    public void request(long count) {
      demand += count;
      if (emitting) {
        return;
      }
      emitting = true;
      while (demand > 0 && !over && next < events.size()) {
        demand--;
        subscriber.onNext(events.get(next++));
      }
      emitting = false;
      if (!over && next == events.size()) {
        over = true;
        subscriber.onComplete();
        end.run();
      }
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        cancelled.run();
      }
    }
  }
}
