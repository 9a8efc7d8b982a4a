// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockDelta;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;

/** What each event of a stream takes more because the stream is metered. */
final class StreamEvents {
  private static final int EVENTS = 2_000;
  private static final ConverseStreamOutput DELTA =
      ConverseStreamOutput.contentBlockDeltaBuilder()
          .contentBlockIndex(0)
          .delta(ContentBlockDelta.fromText("some words"))
          .build();
  private static final ConverseStreamOutput METADATA =
      ConverseStreamOutput.metadataBuilder()
          .usage(usage -> usage.inputTokens(10).outputTokens(4_000).totalTokens(4_010))
          .metrics(metrics -> metrics.latencyMs(900L))
          .build();

  private StreamEvents() {}

  static void measure(int rounds, PrintStream out) {
    ConverseStreamRequest request =
        ConverseStreamRequest.builder()
            .modelId("amazon.nova-pro-v1:0")
            .messages(Subject.request().messages())
            .inferenceConfig(c -> c.maxTokens(5_000))
            .build();
    BedrockRuntimeAsyncClient constant = constant();
    BedrockRuntimeAsyncClient metered = Subject.meter(false).wrap(constant);
    Turns turns =
        new Turns()
            .with("plain", () -> constant.converseStream(request, new Reader()).join())
            .with("metered", () -> metered.converseStream(request, new Reader()).join())
            .take(rounds, 50);
    new Lines(out)
        .add(
            "an event of a stream of 2,000, the call's own share in it",
            "%.1f ns, %.2f B",
            "100 ns, 0 B",
            (turns.nanos("metered") - turns.nanos("plain")) / EVENTS,
            (turns.bytes("metered") - turns.bytes("plain")) / EVENTS);
  }

  /** A client whose streams are there at once. */
  private static BedrockRuntimeAsyncClient constant() {
    return new BedrockRuntimeAsyncClient() {
      @Override
      public CompletableFuture<Void> converseStream(
          ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
        handler.responseReceived(ConverseStreamResponse.builder().build());
        handler.onEventStream(SdkPublisher.adapt(reader -> reader.onSubscribe(new All(reader))));
        handler.complete();
        return CompletableFuture.completedFuture(null);
      }

      @Override
      public String serviceName() {
        return "constant";
      }

      @Override
      public void close() {}
    };
  }

  /** Sends everything as soon as anything is asked for. */
  private static final class All implements Subscription {
    private final Subscriber<? super ConverseStreamOutput> reader;
    private boolean sent;

    All(Subscriber<? super ConverseStreamOutput> reader) {
      this.reader = reader;
    }

    @Override
    public void request(long n) {
      if (!sent) {
        sent = true;
        for (int i = 1; i < EVENTS; i++) {
          reader.onNext(DELTA);
        }
        reader.onNext(METADATA);
        reader.onComplete();
      }
    }

    @Override
    public void cancel() {}
  }

  /** Reads all and keeps nothing. */
  private static final class Reader
      implements ConverseStreamResponseHandler, Subscriber<ConverseStreamOutput> {
    @Override
    public void responseReceived(ConverseStreamResponse response) {}

    @Override
    public void onEventStream(SdkPublisher<ConverseStreamOutput> publisher) {
      publisher.subscribe(this);
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
      throw new IllegalStateException(failure);
    }

    @Override
    public void complete() {}

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ConverseStreamOutput event) {}

    @Override
    public void onError(Throwable failure) {
      throw new IllegalStateException(failure);
    }

    @Override
    public void onComplete() {}
  }
}
