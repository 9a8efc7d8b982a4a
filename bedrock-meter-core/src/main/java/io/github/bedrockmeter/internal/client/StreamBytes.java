// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The bytes of a stream's answer on their way to the SDK. Every signal passes unchanged, in order,
 * on the same thread; demand and cancellation pass the other way.
 *
 * @param <E> the SDK's event type
 */
final class StreamBytes<E> implements Publisher<ByteBuffer> {
  private final Publisher<ByteBuffer> source;
  private final Frames<E> frames;
  private final StreamWatch<E> watch;
  private final Consumer<@Nullable Throwable> ended;

  @SuppressWarnings("UnusedVariable") // is kept, no more
  private final @Nullable Object kept;

  StreamBytes(
      Publisher<ByteBuffer> source,
      Frames<E> frames,
      StreamWatch<E> watch,
      Consumer<@Nullable Throwable> ended,
      @Nullable Object kept) {
    this.source = source;
    this.frames = frames;
    this.watch = watch;
    this.ended = ended;
    this.kept = kept;
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    source.subscribe(new Passing(subscriber));
  }

  private final class Passing implements Subscriber<ByteBuffer>, Subscription {
    private final Subscriber<? super ByteBuffer> subscriber;
    private volatile Subscription upstream = IdleSubscription.INSTANCE;
    private volatile boolean isOver;

    Passing(Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      watch.subscribed(() -> subscription.request(Long.MAX_VALUE));
      subscriber.onSubscribe(this);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      frames.read(bytes);
      if (!watch.detached()) {
        subscriber.onNext(bytes);
      }
    }

    /** After this the SDK may start the stream again, so it does not end the call. */
    @Override
    public void onError(Throwable failure) {
      isOver = true;
      if (watch.detached()) {
        ended.accept(failure);
      } else {
        subscriber.onError(failure);
      }
    }

    /** Ends the call before the caller's future: nothing follows, if no error was reported. */
    @Override
    public void onComplete() {
      isOver = true;
      if (watch.detached() || !frames.reportedAnError()) {
        ended.accept(null);
      }
      if (!watch.detached()) {
        subscriber.onComplete();
      }
    }

    @Override
    public void request(long chunks) {
      upstream.request(chunks);
    }

    /** Of the caller; or of the SDK, when the stream itself reported an error. */
    @Override
    public void cancel() {
      if (isOver || frames.reportedAnError() || !watch.leave()) {
        upstream.cancel();
      }
    }
  }
}
