// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.awscore.eventstream.EventStreamResponseHandler;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * The caller's handler, seen by the SDK through a window: every signal passes unchanged, in order,
 * on the same thread; demand and cancellation pass the other way. A {@link StreamWatch} looks on,
 * and may read on alone after the caller has left.
 *
 * @param <R> the SDK's response type
 * @param <E> the SDK's event type
 */
class StreamTap<R, E> implements EventStreamResponseHandler<R, E> {
  private final EventStreamResponseHandler<R, E> handler;
  private final StreamWatch<E> watch;

  StreamTap(EventStreamResponseHandler<R, E> handler, StreamWatch<E> watch) {
    this.handler = handler;
    this.watch = watch;
  }

  @Override
  public void responseReceived(R response) {
    watch.responseReceived(response);
    if (!watch.detached()) {
      handler.responseReceived(response);
    }
  }

  @Override
  public void onEventStream(SdkPublisher<E> publisher) {
    watch.attemptBegins();
    if (watch.detached()) {
      publisher.subscribe(new Passing<>(new Drain<>(), watch));
    } else {
      handler.onEventStream(
          SdkPublisher.adapt(subscriber -> publisher.subscribe(new Passing<>(subscriber, watch))));
    }
  }

  @Override
  public void exceptionOccurred(Throwable failure) {
    if (!watch.detached()) {
      handler.exceptionOccurred(failure);
    }
  }

  @Override
  public void complete() {
    if (!watch.detached()) {
      handler.complete();
    }
  }

  /** The tap of a ConverseStream. */
  static final class Converse extends StreamTap<ConverseStreamResponse, ConverseStreamOutput>
      implements ConverseStreamResponseHandler {
    Converse(ConverseStreamResponseHandler handler, StreamWatch<ConverseStreamOutput> watch) {
      super(handler, watch);
    }
  }

  /** The tap of a session: an InvokeModelWithBidirectionalStream. */
  static final class Session
      extends StreamTap<
          InvokeModelWithBidirectionalStreamResponse, InvokeModelWithBidirectionalStreamOutput>
      implements InvokeModelWithBidirectionalStreamResponseHandler {
    Session(
        InvokeModelWithBidirectionalStreamResponseHandler handler,
        StreamWatch<InvokeModelWithBidirectionalStreamOutput> watch) {
      super(handler, watch);
    }
  }

  /** The tap of an InvokeModelWithResponseStream. */
  static final class Invoke extends StreamTap<InvokeModelWithResponseStreamResponse, ResponseStream>
      implements InvokeModelWithResponseStreamResponseHandler {
    Invoke(
        InvokeModelWithResponseStreamResponseHandler handler, StreamWatch<ResponseStream> watch) {
      super(handler, watch);
    }
  }

  /** Between the SDK's publisher and the caller's subscriber. */
  private static final class Passing<E> implements Subscriber<E>, Subscription {
    private final Subscriber<? super E> subscriber;
    private final StreamWatch<E> watch;
    private volatile Subscription upstream = IdleSubscription.INSTANCE;

    Passing(Subscriber<? super E> subscriber, StreamWatch<E> watch) {
      this.subscriber = subscriber;
      this.watch = watch;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      watch.subscribed(() -> subscription.request(Long.MAX_VALUE));
      subscriber.onSubscribe(this);
    }

    @Override
    public void onNext(E event) {
      watch.event(event);
      if (!watch.detached()) {
        subscriber.onNext(event);
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (!watch.detached()) {
        subscriber.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (!watch.detached()) {
        subscriber.onComplete();
      }
    }

    @Override
    public void request(long events) {
      upstream.request(events);
    }

    @Override
    public void cancel() {
      if (!watch.leave()) {
        upstream.cancel();
      }
    }
  }

  /** Wants every event of an attempt that begins after the caller has left. */
  private static final class Drain<E> implements Subscriber<E> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(E event) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
