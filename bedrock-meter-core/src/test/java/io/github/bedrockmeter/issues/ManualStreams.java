// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** An asynchronous client whose streams a test drives by hand. */
final class ManualStreams implements BedrockRuntimeAsyncClient {
  final CompletableFuture<Void> source = new CompletableFuture<>();
  volatile ConverseStreamResponseHandler handler;
  volatile long requested;
  volatile boolean cancelled;
  volatile Subscriber<? super ConverseStreamOutput> subscriber;

  final SdkPublisher<ConverseStreamOutput> publisher =
      SdkPublisher.adapt(
          s -> {
            subscriber = s;
            s.onSubscribe(
                new Subscription() {
                  @Override
                  public void request(long n) {
                    requested = requested + n < 0 ? Long.MAX_VALUE : requested + n;
                  }

                  @Override
                  public void cancel() {
                    cancelled = true;
                    source.complete(null);
                  }
                });
          });

  @Override
  public CompletableFuture<Void> converseStream(
      ConverseStreamRequest request, ConverseStreamResponseHandler given) {
    handler = given;
    return source;
  }

  @Override
  public CompletableFuture<Void> invokeModelWithBidirectionalStream(
      InvokeModelWithBidirectionalStreamRequest request,
      Publisher<InvokeModelWithBidirectionalStreamInput> input,
      InvokeModelWithBidirectionalStreamResponseHandler given) {
    return source;
  }

  @Override
  public String serviceName() {
    return "manual";
  }

  @Override
  public void close() {}

  static ConverseStreamRequest request() {
    return ConverseStreamRequest.builder()
        .modelId("anthropic.claude-x")
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  static class Handler implements ConverseStreamResponseHandler {
    volatile SdkPublisher<ConverseStreamOutput> given;

    @Override
    public void responseReceived(ConverseStreamResponse response) {}

    @Override
    public void onEventStream(SdkPublisher<ConverseStreamOutput> publisher) {
      given = publisher;
    }

    @Override
    public void exceptionOccurred(Throwable failure) {}

    @Override
    public void complete() {}
  }

  static class Wanting implements Subscriber<ConverseStreamOutput> {
    final long demand;

    Wanting(long demand) {
      this.demand = demand;
    }

    @Override
    public void onSubscribe(Subscription s) {
      if (demand > 0) {
        s.request(demand);
      }
    }

    @Override
    public void onNext(ConverseStreamOutput event) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
