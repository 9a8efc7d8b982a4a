// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * The bytes of a stream's answer on their way to the SDK. Every signal passes unchanged, in order,
 * on the same thread; demand and cancellation pass the other way.
 *
 * @param <E> the SDK's event type
 */
final class StreamBytes<E> implements Publisher<ByteBuffer> {
  private static final int DEEPEST = 8;

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
      watch.subscribed(readOn(new WeakReference<>(subscription)));
      subscriber.onSubscribe(this);
    }

    /** Weakly, since the call has this, and must not keep what the SDK has dropped. */
    private static Runnable readOn(WeakReference<Subscription> upstream) {
      return () -> {
        Subscription subscription = upstream.get();
        if (subscription != null) {
          subscription.request(Long.MAX_VALUE);
        }
      };
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      frames.read(bytes);
      if (!watch.detached()) {
        subscriber.onNext(bytes);
      }
    }

    /**
     * After most errors the SDK may start the stream again, so they do not end the call. When its
     * caller or its time ended it, it does not, and notifies no interceptor.
     */
    @Override
    public void onError(Throwable failure) {
      isOver = true;
      boolean isRead = watch.detached();
      Throwable end = end(failure);
      if (isRead || end != null) {
        ended.accept(end == null ? failure : end);
      }
      if (!isRead) {
        subscriber.onError(failure);
      }
    }

    /** What ended the call for good; null if that is open. */
    private static @Nullable Throwable end(Throwable failure) {
      Throwable cause = failure;
      for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
        if (cause instanceof CancellationException || cause instanceof ApiCallTimeoutException) {
          return cause;
        }
        cause = cause.getCause();
      }
      return null;
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
