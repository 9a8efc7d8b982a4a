// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.internal.reading.Readers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.eventstream.EventStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;

/** Metered calls on an asynchronous client, streams included. Thread-safe. */
final class AsyncCalls implements ClientProxy.Calls {
  /*
   * The caller receives a future of our own, for two reasons. Dependents of the SDK's future run in
   * the reverse order of their registration, so a settlement hung on that one would come after the
   * caller's own continuation. And a call that waits for a remote ledger has no SDK future yet.
   * What completes the SDK's future completes ours, in the same form, after the settlement; what the
   * caller does to ours (cancel, time out) is done to the SDK's.
   */
  private static final Logger log = LoggerFactory.getLogger(AsyncCalls.class);

  private final BedrockRuntimeAsyncClient delegate;
  private final Metering metering;
  private final @Nullable String region;

  AsyncCalls(BedrockRuntimeAsyncClient delegate, Metering metering, @Nullable String region) {
    this.delegate = delegate;
    this.metering = metering;
    this.region = region;
  }

  /** A granted call on its way: how to send it, and what to do when it has ended. */
  private record Sending<T>(
      Function<BedrockRuntimeRequest, CompletableFuture<T>> send,
      BiConsumer<@Nullable T, @Nullable Throwable> ended) {}

  @Override
  public Object call(
      Operation operation, BedrockRuntimeRequest request, String modelId, @Nullable Object[] args) {
    CompletionStage<OpenCall> reserved =
        metering.reserveAsync(metering.describe(operation, request, modelId, region));
    return switch (operation) {
      case CONVERSE ->
          start(
              request,
              reserved,
              null,
              call ->
                  new Sending<>(
                      stamped -> delegate.converse((ConverseRequest) stamped),
                      (response, failure) -> answered(call, request, response, failure)));
      case INVOKE_MODEL ->
          start(
              request,
              reserved,
              null,
              call ->
                  new Sending<>(
                      stamped -> delegate.invokeModel((InvokeModelRequest) stamped),
                      (response, failure) -> answered(call, request, response, failure)));
      case CONVERSE_STREAM -> {
        ConverseStreamResponseHandler handler = (ConverseStreamResponseHandler) handler(args);
        yield start(
            request,
            reserved,
            handler,
            call -> {
              var watch = new StreamWatch<>(call, Readers::converseStream);
              return new Sending<Void>(
                  stamped ->
                      delegate.converseStream(
                          (ConverseStreamRequest) stamped, new StreamTap.Converse(handler, watch)),
                  (nothing, failure) -> watch.ended(failure));
            });
      }
      case INVOKE_MODEL_WITH_RESPONSE_STREAM -> {
        InvokeModelWithResponseStreamResponseHandler handler =
            (InvokeModelWithResponseStreamResponseHandler) handler(args);
        InvokeModelWithResponseStreamRequest invoke =
            (InvokeModelWithResponseStreamRequest) request;
        yield start(
            request,
            reserved,
            handler,
            call -> {
              var watch = new StreamWatch<>(call, () -> Readers.invokeModelStream(invoke));
              return new Sending<Void>(
                  stamped ->
                      delegate.invokeModelWithResponseStream(
                          (InvokeModelWithResponseStreamRequest) stamped,
                          new StreamTap.Invoke(handler, watch)),
                  (nothing, failure) -> watch.ended(failure));
            });
      }
      default -> throw new IllegalStateException(operation + " is not metered");
    };
  }

  private static Object handler(@Nullable Object[] args) {
    Object handler = args.length > 1 ? args[1] : null;
    if (handler == null) {
      throw new NullPointerException("the response handler is null");
    }
    return handler;
  }

  private <T> CompletableFuture<T> start(
      BedrockRuntimeRequest request,
      CompletionStage<OpenCall> reserved,
      @Nullable EventStreamResponseHandler<?, ?> handler,
      Function<OpenCall, Sending<T>> sending) {
    CompletableFuture<T> result = new CompletableFuture<>();
    reserved.whenComplete(
        (call, denied) -> {
          if (call == null) {
            deny(result, handler, denied);
          } else if (result.isDone()) {
            call.abandonUnsent();
          } else {
            send(request, call, sending.apply(call), result);
          }
        });
    return result;
  }

  /**
   * Tells the handler, then the future: the SDK's own order, and frameworks read one or the other.
   */
  private static void deny(
      CompletableFuture<?> result,
      @Nullable EventStreamResponseHandler<?, ?> handler,
      @Nullable Throwable denied) {
    Throwable denial =
        denied == null
            ? new IllegalStateException("a reservation ended without an answer")
            : Failures.unwrapped(denied);
    if (handler != null) {
      try {
        handler.exceptionOccurred(denial);
      } catch (Throwable mishap) {
        log.warn("The stream's handler failed when it was told of a denial", mishap);
      }
    }
    result.completeExceptionally(denial);
  }

  private <T> void send(
      BedrockRuntimeRequest request,
      OpenCall call,
      Sending<T> sending,
      CompletableFuture<T> result) {
    CompletableFuture<T> source;
    try {
      source = sending.send.apply(metering.stamped(request, call.call()));
    } catch (Throwable failure) {
      sending.ended.accept(null, failure);
      result.completeExceptionally(failure);
      return;
    }
    source.whenComplete(
        (response, failure) -> {
          sending.ended.accept(response, failure);
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(response);
          }
        });
    result.whenComplete(
        (response, failure) -> {
          if (failure != null && !source.isDone()) {
            if (result.isCancelled()) {
              source.cancel(true);
            } else {
              source.completeExceptionally(failure);
            }
          }
        });
  }

  private static void answered(
      OpenCall call,
      BedrockRuntimeRequest request,
      @Nullable Object response,
      @Nullable Throwable failure) {
    if (failure != null) {
      call.failed(failure);
    } else {
      call.completed(SyncCalls.read(request, response), SyncCalls.requestId(response));
    }
  }
}
