// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.reference.Step.End;
import io.github.bedrockmeter.reference.Step.Ending;
import java.net.ConnectException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/**
 * Clients without a network, whose calls end when and as the driver says. Driven by the thread that
 * made it; calls may be sent on others.
 */
final class Clients {
  private static final ConverseStreamOutput TEXT =
      ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("word ")).build();

  /** An event at which {@link Listening} leaves. */
  static final ConverseStreamOutput LEAVE =
      ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("enough")).build();

  /** The call that was reserved last on this thread, which is the one it sends next. */
  private static final ThreadLocal<MeteredCall> RESERVED = new ThreadLocal<>();

  private final Consumer<String> told;
  private final Thread driver = Thread.currentThread();
  private final Map<Integer, Flight> flights = new ConcurrentHashMap<>();
  private @Nullable Ending atOnce;

  /** Clients that tell what is sent through them. */
  Clients(Consumer<String> told) {
    this.told = told;
  }

  /** A call that was sent and has not ended. */
  static final class Flight {
    final MeteredCall call;
    final boolean waited;
    final CompletableFuture<Object> source = new CompletableFuture<>();
    @Nullable ConverseStreamResponseHandler handler;
    @Nullable Subscriber<? super ConverseStreamOutput> subscriber;

    Flight(MeteredCall call, boolean waited) {
      this.call = call;
      this.waited = waited;
    }

    /** A source that completes as the SDK's. */
    @SuppressWarnings("unchecked") // what the operation returns
    <T> CompletableFuture<T> future() {
      return (CompletableFuture<T>) source;
    }
  }

  BedrockRuntimeClient sync() {
    return new AnswersAtOnce();
  }

  BedrockRuntimeAsyncClient async() {
    return new AnswersLater();
  }

  /** The calls that were sent and have not ended. */
  Collection<Flight> flights() {
    return flights.values();
  }

  /** Says that this thread is about to send a call. */
  static void sendsNext(MeteredCall call) {
    RESERVED.set(call);
  }

  /** Says how the synchronous client answers from now on. */
  void answer(Ending ending) {
    atOnce = ending;
  }

  private MeteredCall sending(BedrockRuntimeRequest request, String modelId) {
    MeteredCall call = RESERVED.get();
    RESERVED.remove();
    told.accept(Told.sent(Subject.number(call), modelId, Requests.limit(request)));
    return call;
  }

  private Flight flight(BedrockRuntimeRequest request, String modelId) {
    MeteredCall call = RESERVED.get();
    Flight flight = new Flight(call, Thread.currentThread() != driver);
    flights.put(Subject.number(call), flight);
    sending(request, modelId);
    return flight;
  }

  /** Answers before it returns, as it was told to. */
  private final class AnswersAtOnce implements BedrockRuntimeClient {
    @Override
    public ConverseResponse converse(ConverseRequest request) {
      return (ConverseResponse) answer(sending(request, request.modelId()), atOnce);
    }

    @Override
    public InvokeModelResponse invokeModel(InvokeModelRequest request) {
      return (InvokeModelResponse) answer(sending(request, request.modelId()), atOnce);
    }

    @Override
    public String serviceName() {
      return "at once";
    }

    @Override
    public void close() {}
  }

  /** Answers when its calls are finished. */
  private final class AnswersLater implements BedrockRuntimeAsyncClient {
    @Override
    public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
      return flight(request, request.modelId()).future();
    }

    @Override
    public CompletableFuture<InvokeModelResponse> invokeModel(InvokeModelRequest request) {
      return flight(request, request.modelId()).future();
    }

    @Override
    public CompletableFuture<Void> converseStream(
        ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
      Flight flight = flight(request, request.modelId());
      flight.handler = handler;
      handler.responseReceived(ConverseStreamResponse.builder().build());
      handler.onEventStream(
          SdkPublisher.adapt(
              subscriber -> {
                flight.subscriber = subscriber;
                subscriber.onSubscribe(new Upstream(flight));
              }));
      return flight.future();
    }

    @Override
    public String serviceName() {
      return "later";
    }

    @Override
    public void close() {}
  }

  private record Upstream(Flight flight) implements Subscription {
    @Override
    public void request(long count) {}

    @Override
    public void cancel() {
      flight.source.complete(null);
    }
  }

  /**
   * Ends a call in flight.
   *
   * @param result the future that its caller holds, for one that leaves
   */
  void finish(int number, CompletableFuture<?> result, Ending ending) {
    Flight flight = flights.remove(number);
    if (flight == null) {
      throw new AssertionError("call " + number + " should be in flight");
    }
    if (flight.handler != null && flight.subscriber != null) {
      stream(flight, flight.handler, flight.subscriber, ending);
      return;
    }
    if (ending.end() == End.ABANDONED) {
      result.cancel(true);
      return;
    }
    try {
      flight.source.complete(answer(flight.call, ending));
    } catch (RuntimeException failure) {
      flight.source.completeExceptionally(failure);
    }
  }

  private static void stream(
      Flight flight,
      ConverseStreamResponseHandler handler,
      Subscriber<? super ConverseStreamOutput> subscriber,
      Ending ending) {
    switch (ending.end()) {
      case ABANDONED -> subscriber.onNext(LEAVE);
      case ANSWERED, ANSWERED_WITHOUT_USAGE -> {
        subscriber.onNext(TEXT);
        if (ending.end() == End.ANSWERED) {
          subscriber.onNext(
              ConverseStreamOutput.metadataBuilder().usage(usage(flight.call, ending)).build());
        }
        subscriber.onComplete();
        handler.complete();
        flight.source.complete(null);
      }
      default -> {
        if (ending.end() == End.BROKEN_OFF) {
          subscriber.onNext(TEXT);
        }
        RuntimeException failure = failure(ending.end());
        handler.exceptionOccurred(failure);
        flight.source.completeExceptionally(failure);
      }
    }
  }

  private static Object answer(MeteredCall call, @Nullable Ending ending) {
    if (ending == null) {
      throw new AssertionError("nobody said how the call ends");
    }
    boolean told = ending.end() == End.ANSWERED;
    if (!told && ending.end() != End.ANSWERED_WITHOUT_USAGE) {
      throw failure(ending.end());
    }
    TokenUsage usage = usage(call, ending);
    if (call.operation().equals("Converse")) {
      return ConverseResponse.builder().usage(told ? usage : null).build();
    }
    String body =
        told
            ? "{\"usage\":{\"input_tokens\":"
                + usage.inputTokens()
                + ",\"output_tokens\":"
                + usage.outputTokens()
                + "}}"
            : "{}";
    return InvokeModelResponse.builder().body(SdkBytes.fromUtf8String(body)).build();
  }

  private static TokenUsage usage(MeteredCall call, Ending ending) {
    int input = (int) Reference.used(call.estimate().inputTokens(), ending);
    int output = (int) Reference.used(call.estimate().outputTokens(), ending);
    return TokenUsage.builder()
        .inputTokens(input)
        .outputTokens(output)
        .totalTokens(input + output)
        .build();
  }

  private static RuntimeException failure(End end) {
    return switch (end) {
      case THROTTLED -> ThrottlingException.builder().statusCode(429).message("slow down").build();
      case NEVER_CONNECTED -> SdkClientException.create("no way", new ConnectException("refused"));
      case TIMED_OUT -> ApiCallTimeoutException.builder().message("too late").build();
      default -> new IllegalStateException("broken off");
    };
  }
}
