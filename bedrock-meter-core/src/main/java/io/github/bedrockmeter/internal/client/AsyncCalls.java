// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.StreamReader;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.MeteredMark;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.eventstream.EventStreamResponseHandler;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamInput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;

/** Metered calls on an asynchronous client, streams included. Thread-safe. */
public final class AsyncCalls implements Calls {
  /*
   * The caller receives a future of our own, for two reasons. Dependents of the SDK's future run in
   * the reverse order of their registration, so a settlement hung on that one would come after the
   * caller's own continuation. And a call that waits for a remote ledger has no SDK future yet.
   * What completes the SDK's future completes ours, in the same form, after the settlement; what the
   * caller does to ours (cancel, time out) is done to the SDK's.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(AsyncCalls.class));
  private static final OutageLog HANDLERS =
      new OutageLog(log, "A stream's handler failed when it was notified of a denial");

  private final BedrockRuntimeAsyncClient delegate;
  private final Metering metering;
  private final @Nullable ClientOverrideConfiguration settings;
  private final Seeing seeing;

  AsyncCalls(BedrockRuntimeAsyncClient delegate, Metering metering, boolean isBuilt) {
    this.delegate = delegate;
    this.metering = metering;
    this.settings = Delegates.settings(delegate);
    this.seeing = new Seeing(metering, isBuilt);
  }

  /**
   * A granted call on its way.
   *
   * @param send sends it
   * @param ended called when it has ended, in whatever way
   * @param callerLeaves called when the caller gives up its future; whether the call goes on all
   *     the same
   */
  private record Flight<T>(Send send, Ended<T> ended, BooleanSupplier callerLeaves) {}

  private interface Ended<T> {
    void ended(@Nullable Sending sending, @Nullable T response, @Nullable Throwable failure);
  }

  private interface Send {
    @Nullable Object send(BedrockRuntimeRequest request) throws Throwable;
  }

  /** Makes the sending of a call, knowing the future that its caller holds. */
  private interface Sender<T> {
    Flight<T> flight(OpenCall call, CompletableFuture<T> result);
  }

  @Override
  public Object call(Asked asked, Method method, @Nullable Object[] args) {
    BedrockRuntimeRequest request = asked.request();
    Function<CompletableFuture<?>, CompletionStage<OpenCall>> admitted =
        result -> metering.admitAsync(asked, settings, result);
    return switch (asked.operation()) {
      case CONVERSE_STREAM -> {
        var handler = (ConverseStreamResponseHandler) handler(args, 1);
        yield stream(
            admitted,
            handler,
            metering.abandonedStreams(request),
            sent -> Readers.converseStream(((ConverseStreamRequest) sent).modelId()),
            (sent, watch) ->
                delegate.converseStream(
                    (ConverseStreamRequest) sent, new StreamTap.Converse(handler, watch)));
      }
      case INVOKE_MODEL_WITH_RESPONSE_STREAM -> {
        var handler = (InvokeModelWithResponseStreamResponseHandler) handler(args, 1);
        yield stream(
            admitted,
            handler,
            metering.abandonedStreams(request),
            sent -> Readers.invokeModelStream((InvokeModelWithResponseStreamRequest) sent),
            (sent, watch) ->
                delegate.invokeModelWithResponseStream(
                    (InvokeModelWithResponseStreamRequest) sent,
                    new StreamTap.Invoke(handler, watch)));
      }
      case INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM -> {
        var handler = (InvokeModelWithBidirectionalStreamResponseHandler) handler(args, 2);
        @SuppressWarnings("unchecked") // the signature of the SDK's method
        var input = (Publisher<InvokeModelWithBidirectionalStreamInput>) handler(args, 1);
        yield stream(
            admitted,
            handler,
            // To read on would be to keep the caller's conversation going.
            AbandonedStreams.HOLD_WORST_CASE,
            sent -> Readers.bidirectionalStream(),
            (sent, watch) ->
                delegate.invokeModelWithBidirectionalStream(
                    (InvokeModelWithBidirectionalStreamRequest) sent,
                    input,
                    new StreamTap.Session(handler, watch)));
      }
      default ->
          start(
              admitted,
              null,
              (call, result) ->
                  new Flight<>(
                      sent -> send(asked.operation(), sent, method, args),
                      (sending, response, failure) -> answered(call, sending, response, failure),
                      () -> false));
    };
  }

  /** The two operations that matter for speed are called directly, the rest by reflection. */
  private @Nullable Object send(
      Operation operation, BedrockRuntimeRequest request, Method method, @Nullable Object[] args)
      throws Throwable {
    return switch (operation) {
      case CONVERSE -> delegate.converse((ConverseRequest) request);
      case INVOKE_MODEL -> delegate.invokeModel((InvokeModelRequest) request);
      default -> Delegates.forward(delegate, method, args, request);
    };
  }

  private <E> CompletableFuture<Void> stream(
      Function<CompletableFuture<?>, CompletionStage<OpenCall>> admitted,
      EventStreamResponseHandler<?, E> handler,
      AbandonedStreams rule,
      Function<BedrockRuntimeRequest, StreamReader<E>> readers,
      BiFunction<BedrockRuntimeRequest, StreamWatch<E>, CompletableFuture<Void>> send) {
    return start(
        admitted,
        handler,
        (call, result) -> {
          StreamWatch<E> watch =
              new StreamWatch<>(
                  call,
                  rule,
                  () -> readers.apply(call.asked().request()),
                  () -> result.complete(null));
          return new Flight<Void>(
              sent -> send.apply(sent, watch),
              (sending, nothing, failure) -> watch.ended(failure),
              watch::leave);
        });
  }

  private static Object handler(@Nullable Object[] args, int index) {
    return Objects.requireNonNull(args[index], "a stream's publisher and handler must not be null");
  }

  private <T> CompletableFuture<T> start(
      Function<CompletableFuture<?>, CompletionStage<OpenCall>> admitted,
      @Nullable EventStreamResponseHandler<?, ?> handler,
      Sender<T> sender) {
    CompletableFuture<T> result = new CompletableFuture<>();
    admitted
        .apply(result)
        .whenComplete(
            (call, denied) -> {
              if (call == null) {
                deny(result, handler, denied);
              } else if (result.isDone()) {
                call.abandonUnsent();
              } else {
                send(call, sender.flight(call, result), result);
              }
            });
    return result;
  }

  @Override
  public Object refuse(RuntimeException refusal, @Nullable Object[] args) {
    CompletableFuture<Object> result = new CompletableFuture<>();
    EventStreamResponseHandler<?, ?> handler = null;
    for (Object argument : args) {
      handler = argument instanceof EventStreamResponseHandler<?, ?> found ? found : handler;
    }
    deny(result, handler, refusal);
    return result;
  }

  /**
   * Notifies the handler, then the future: the SDK's own order, and frameworks read one or the
   * other.
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
      } catch (Throwable failure) {
        HANDLERS.failed(
            denial instanceof BudgetExceededException known && known.callId() != null
                ? "call " + known.callId()
                : "a call that was not described yet",
            failure);
      }
    }
    result.completeExceptionally(denial);
  }

  private <T> void send(OpenCall call, Flight<T> flight, CompletableFuture<T> result) {
    Sending sending = seeing.of(call);
    CompletableFuture<T> source;
    BedrockRuntimeRequest before = MeteredMark.handedOver();
    BedrockRuntimeRequest outer = metering.handedOver();
    try {
      BedrockRuntimeRequest request = metering.toSend(call, settings, sending != null);
      if (sending != null) {
        request = SendingAttribute.attach(request, sending);
        sending.expects(request);
      }
      metering.handsOver(request);
      source = future(flight.send.send(request));
    } catch (Throwable failure) {
      flight.ended.ended(sending, null, failure);
      result.completeExceptionally(failure);
      return;
    } finally {
      metering.handsOver(outer);
      MeteredMark.returned(before);
    }
    source.whenComplete(
        (response, failure) -> {
          flight.ended.ended(sending, response, failure);
          seeing.ended(sending);
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(response);
          }
        });
    result.whenComplete(
        (response, failure) -> {
          if (failure != null && !source.isDone() && !flight.callerLeaves.getAsBoolean()) {
            if (result.isCancelled()) {
              source.cancel(true);
            } else {
              source.completeExceptionally(failure);
            }
          }
        });
  }

  @SuppressWarnings("unchecked") // what an operation of the client returns
  private static <T> CompletableFuture<T> future(@Nullable Object returned) {
    return (CompletableFuture<T>) Objects.requireNonNull(returned, "the client returned no future");
  }

  private static void answered(
      OpenCall call,
      @Nullable Sending sending,
      @Nullable Object response,
      @Nullable Throwable failure) {
    if (failure != null) {
      Answers.failed(call, sending, failure);
    } else {
      call.completed(Answers.read(call, response), Answers.requestId(response));
    }
  }
}
